"""Which way in: what a websocket is answered that a proxy has made plain HTTP of."""

import asyncio
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from trainwatch.api.front import Front


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer nobody."""


def ask(front: Front, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return status and error message of a GET."""
    sent: list[dict[str, Any]] = []

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": pairs, "query_string": b""}
    asyncio.run(front(scope, receive, send))
    return sent[0]["status"], orjson.loads(sent[1]["body"])["error"]["message"]


def test_what_a_proxy_did_not_upgrade_is_told_once_in_the_log_and_to_each_client():
    front = Front(nothing, [], sockets={"/ws/progress": nothing}, page=nothing)
    asked = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13"}
    with capture_logs() as told:
        answers = [ask(front, path, asked) for path in ("/_event/", "/ws/progress", "/_event/")]
    assert {status for status, _ in answers} == {400}
    assert all("must pass the headers Upgrade and Connection" in message for _, message in answers)
    assert [line["event"] for line in told] == ["websocket_not_upgraded"]


def test_who_asks_for_no_websocket_is_not_a_proxys_fault():
    front = Front(nothing, [], sockets={"/ws/progress": nothing}, page=nothing)
    with capture_logs() as told:
        assert ask(front, "/ws/progress", {}) == (400, "this is a websocket")
    assert told == []
