"""The guard lets this machine in and nobody else."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from trainwatch.door.guard import Guard
from trainwatch.door.rights import Right

LOCAL = {"host": "localhost:62222"}


async def _marker(scope: Scope, receive: Receive, send: Send) -> None:
    scope["reached"] = True
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def ask(
    headers: dict[str, str] | list[tuple[str, str]],
    *,
    path: str = "/hook",
    method: str = "POST",
    peer: str = "127.0.0.1",
    kind: str = "http",
) -> tuple[bool, list[dict[str, Any]]]:
    """Return whether a request reached what is behind the guard, and what was answered."""
    sent: list[dict[str, Any]] = []

    async def send(message: Message) -> None:
        sent.append(dict(message))

    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "client": (peer, 1234),
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }
    guard = Guard(
        _marker,
        right_of=lambda scope: (
            None
            if scope["path"] == "/unnamed"
            else Right.OPERATE
            if scope["path"] == "/run"
            else Right.INGEST
        ),
        is_page=lambda scope: scope["path"] == "/",
        headers={"X-Content-Type-Options": "nosniff"},
    )
    asyncio.run(guard(scope, None, send))  # type: ignore[arg-type]
    return scope.get("reached", False), sent


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:62222", "LOCALHOST", "127.0.0.1:1", "127.8.9.1", "[::1]:62222"]
)
def test_a_loopback_name_is_let_in(host: str):
    reached, sent = ask({"host": host})
    assert reached
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]


REFUSED = {
    "no host": {},
    "foreign host": {"host": "evil.example"},
    "host that begins like ours": {"host": "localhost.evil.example"},
    "host with a user": {"host": "localhost@evil.example"},
    "broken host": {"host": "[::1"},
    "foreign origin": {**LOCAL, "origin": "http://evil.example"},
    "null origin": {**LOCAL, "origin": "null"},
    "another port's origin": {**LOCAL, "origin": "http://localhost:3000"},
    "extension origin": {**LOCAL, "origin": "chrome-extension://localhost:62222"},
    "cross-site": {**LOCAL, "sec-fetch-site": "cross-site"},
    "same-site": {**LOCAL, "sec-fetch-site": "same-site"},
    "forwarded": {**LOCAL, "forwarded": "for=10.0.0.1"},
    "x-forwarded-for": {**LOCAL, "x-forwarded-for": "10.0.0.1"},
    "x-forwarded-host": {**LOCAL, "x-forwarded-host": "localhost"},
}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_may_come_from_elsewhere_is_refused(case: str, kind: str):
    reached, sent = ask(REFUSED[case], kind=kind)
    assert not reached
    assert sent[0].get("status", 403) == 403
    assert sent[0]["type"] == ("http.response.start" if kind == "http" else "websocket.close")


@pytest.mark.parametrize("peer", ["192.168.1.5", "10.0.0.1", "2001:db8::1", "0.0.0.0"])
def test_another_machine_is_refused(peer: str):
    assert not ask(LOCAL, peer=peer)[0]


def test_two_hosts_in_one_request_are_refused():
    assert not ask([("host", "evil.example"), ("host", "localhost")])[0]


def test_a_route_that_names_no_right_is_refused():
    assert not ask(LOCAL, path="/unnamed")[0]


def test_a_right_that_nobody_has_here_is_refused():
    assert not ask(LOCAL, path="/run")[0]


NAVIGATION = {
    **LOCAL,
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}


def test_a_link_from_another_site_opens_the_page():
    assert ask(NAVIGATION, path="/", method="GET")[0]


@pytest.mark.parametrize(("path", "method"), [("/hook", "POST"), ("/api/tasks", "GET"), ("/", "POST")])
def test_a_link_from_another_site_opens_nothing_else(path: str, method: str):
    assert not ask(NAVIGATION, path=path, method=method)[0]


def test_a_frame_in_another_site_does_not_open_the_page():
    assert not ask({**NAVIGATION, "sec-fetch-dest": "iframe"}, path="/", method="GET")[0]
