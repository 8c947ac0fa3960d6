"""The guard lets this machine in, whoever has a key or a session, and nobody else."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from tests.plugins.doors import COOKIE, make_door, make_key, make_limits, make_session, make_user
from trainwatch.domain.credential import Scope as KeyScope
from trainwatch.door.guard import Guard
from trainwatch.door.identity import Door
from trainwatch.door.policy import Policy
from trainwatch.door.rights import Right

LOCAL = {"host": "localhost:62222"}
RIGHTS = {"/run": Right.OPERATE, "/sign-in": Right.ENTER, "/": Right.READ, "/_event/": Right.READ}
HTML = {"accept": "text/html,application/xhtml+xml"}


async def _marker(scope: Scope, receive: Receive, send: Send) -> None:
    scope["reached"] = True
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def make_guard(
    door: Door | None = None, *, app: ASGIApp = _marker, key_requests_per_minute: int = 1_000
) -> Guard:
    """Return a guard of an application that takes everybody whom the guard lets through."""
    return Guard(
        app,
        door or make_door(),
        make_limits(key_requests_per_minute=key_requests_per_minute),
        right_of=lambda scope: (
            None if scope["path"] == "/unnamed" else RIGHTS.get(scope["path"], Right.INGEST)
        ),
        is_page=lambda scope: scope["type"] == "http" and scope["path"] in ("/", "/sign-in"),
        headers={"X-Content-Type-Options": "nosniff"},
    )


@dataclass
class Outcome:
    """Whether a request reached what is behind the guard, and what was answered."""

    reached: bool
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def status(self) -> int | None:
        """The status of the answer, or that of a websocket's handshake; None where nothing was answered here."""
        return self.sent[0]["status"] if self.sent else None

    def header(self, name: str) -> str | None:
        """Return a header of the answer."""
        found = [value.decode() for key, value in self.sent[0]["headers"] if key == name.encode()]
        assert len(found) < 2
        return found[0] if found else None


def ask(
    headers: dict[str, str] | list[tuple[str, str]],
    *,
    path: str = "/hook",
    method: str = "POST",
    peer: str = "127.0.0.1",
    kind: str = "http",
    guard: Guard | None = None,
    query: bytes = b"",
) -> Outcome:
    """Make a request and return what came of it."""
    sent: list[dict[str, Any]] = []

    async def send(message: Message) -> None:
        sent.append(dict(message))

    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    scope = {
        "type": kind,
        "path": path,
        "query_string": query,
        "client": (peer, 1234),
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
        **({"method": method} if kind == "http" else {}),
    }
    asyncio.run((guard or make_guard())(scope, None, send))  # type: ignore[arg-type]
    return Outcome(scope.get("reached", False), sent)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:62222", "LOCALHOST", "127.0.0.1:1", "127.8.9.1", "[::1]:62222"]
)
def test_a_loopback_name_is_let_in(host: str):
    outcome = ask({"host": host})
    assert outcome.reached
    assert outcome.header("x-content-type-options") == "nosniff"


FOREIGN = {
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
}
FORWARDED = {
    "forwarded": {**LOCAL, "forwarded": "for=10.0.0.1"},
    "x-forwarded-for": {**LOCAL, "x-forwarded-for": "10.0.0.1"},
    "x-forwarded-host": {**LOCAL, "x-forwarded-host": "localhost"},
    "x-real-ip": {**LOCAL, "x-real-ip": "10.0.0.1"},
    "via": {**LOCAL, "via": "1.1 proxy"},
}
REFUSED = {**FOREIGN, **FORWARDED}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_may_come_from_elsewhere_is_refused(case: str, kind: str):
    outcome = ask(REFUSED[case], kind=kind)
    assert not outcome.reached
    assert outcome.status == (403 if case in FOREIGN else 401)
    assert outcome.header("x-content-type-options") == "nosniff"
    prefix = "websocket." if kind == "websocket" else ""  # the handshake is answered, and nothing opens
    said = [f"{prefix}http.response.start", f"{prefix}http.response.body"]
    assert [message["type"] for message in outcome.sent] == said


@pytest.mark.parametrize("case", FOREIGN)
@pytest.mark.parametrize("path", ["/hook", "/run", "/sign-in", "/"])
def test_another_site_is_refused_whatever_it_shows_and_wherever_it_goes(case: str, path: str):
    key, text = make_key(KeyScope.ADMIN)
    session, cookie = make_session()
    guard = make_guard(make_door(None, key, session, make_user()))
    shown = {"authorization": f"Bearer {text}", "cookie": f"{COOKIE}={cookie}"}
    assert ask(shown | LOCAL, path=path, guard=guard).reached
    assert ask(shown | REFUSED[case], path=path, guard=guard).status == 403


@pytest.mark.parametrize("case", FORWARDED)
def test_a_key_or_a_session_is_good_through_a_proxy(case: str):
    key, text = make_key(KeyScope.INGEST)
    session, cookie = make_session()
    guard = make_guard(make_door(None, key, session, make_user()))
    assert ask({**FORWARDED[case], "authorization": f"Bearer {text}"}, guard=guard).reached
    assert ask({**FORWARDED[case], "cookie": f"{COOKIE}={cookie}"}, guard=guard).reached


@pytest.mark.parametrize("peer", ["192.168.1.5", "10.0.0.1", "2001:db8::1", "0.0.0.0"])
def test_another_machine_is_told_to_show_something(peer: str):
    outcome = ask(LOCAL, peer=peer)
    assert (outcome.reached, outcome.status) == (False, 401)
    assert outcome.header("www-authenticate") == 'Bearer realm="TrainWatch"'
    assert b"sign in at /sign-in, or send a key" in outcome.sent[1]["body"]


@pytest.mark.parametrize("name", ["host", "origin", "cookie", "authorization", "x-api-key", "sec-fetch-site"])
def test_a_header_that_decides_and_comes_twice_is_refused(name: str):
    valid = {"host": "localhost", "origin": "http://localhost", "sec-fetch-site": "none"}
    twice = [(name, valid.get(name, "x"))] * 2
    once = [("host", "localhost")] if name != "host" else []
    for kind in ("http", "websocket"):
        assert not ask([*once, *twice], kind=kind, path="/sign-in").reached


def test_two_hosts_in_one_request_are_refused():
    assert not ask([("host", "evil.example"), ("host", "localhost")]).reached


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_route_that_names_no_right_is_refused_even_to_an_administrator(kind: str):
    key, text = make_key(KeyScope.ADMIN)
    guard = make_guard(make_door(None, key))
    shown = {**LOCAL, "x-api-key": text}
    assert not ask(LOCAL, path="/unnamed", kind=kind).reached
    assert not ask(shown, path="/unnamed", kind=kind, guard=guard).reached
    assert ask(shown, path="/run", guard=guard).reached


def test_a_right_that_a_caller_lacks_is_refused_by_its_name():
    key, text = make_key(KeyScope.READ, id=7, label="dashboards")
    local = ask(LOCAL, path="/run")
    known = ask({**LOCAL, "x-api-key": text}, path="/run", guard=make_guard(make_door(None, key)))
    assert (local.reached, local.status) == (False, 401)  # it may get the right by signing in
    assert (known.reached, known.status) == (False, 403)  # it is who it is
    assert b"the right operate, which key 7 (dashboards) does not have" in known.sent[1]["body"]
    assert text.encode() not in known.sent[1]["body"]


NAVIGATION = {
    **LOCAL,
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_a_link_from_another_site_opens_the_page(path: str):
    assert ask(NAVIGATION, path=path, method="GET").reached


@pytest.mark.parametrize(("path", "method"), [("/hook", "POST"), ("/api/tasks", "GET"), ("/", "POST")])
def test_a_link_from_another_site_opens_nothing_else(path: str, method: str):
    assert not ask(NAVIGATION, path=path, method=method).reached


def test_a_link_from_another_site_opens_no_socket():
    assert not ask(NAVIGATION, path="/", kind="websocket").reached


def test_a_frame_in_another_site_does_not_open_the_page():
    assert not ask({**NAVIGATION, "sec-fetch-dest": "iframe"}, path="/", method="GET").reached


def closed(*credentials: object) -> Guard:
    """Return the guard of a server that lets nobody in who shows nothing."""
    return make_guard(make_door(Policy(lets_anonymous_in=False), *credentials))


def test_a_person_is_led_to_the_sign_in_and_back():
    outcome = ask({**LOCAL, **HTML}, path="/", method="GET", guard=closed(), query=b"q=a&sort=b")
    assert (outcome.reached, outcome.status) == (False, 303)
    assert outcome.header("location") == "/sign-in?next=/%3Fq%3Da%26sort%3Db"
    assert outcome.header("set-cookie") is None


def test_where_a_person_wanted_to_go_cannot_break_out_of_the_address():
    odd = ask(
        {**LOCAL, **HTML},
        path="/",
        method="GET",
        guard=closed(),
        query="q=a\r\nset-cookie: x=y&é".encode("latin-1"),
    )
    assert odd.header("location") == "/sign-in?next=/%3Fq%3Da%0D%0Aset-cookie%3A%20x%3Dy%26%C3%A9"


@pytest.mark.parametrize(
    ("path", "headers"), [("/hook", HTML), ("/", {}), ("/", {"accept": "application/json"})]
)
def test_a_program_is_told_and_not_led_away(path: str, headers: dict[str, str]):
    outcome = ask({**LOCAL, **headers}, path=path, method="GET", guard=closed())
    assert (outcome.reached, outcome.status) == (False, 401)


def test_who_shows_an_ended_session_is_told_so_and_relieved_of_the_cookie():
    outcome = ask({**LOCAL, **HTML, "cookie": f"{COOKIE}=old"}, path="/", method="GET", guard=closed())
    assert outcome.header("location") == "/sign-in?why=ended&next=/"
    assert outcome.header("set-cookie") == f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    there = ask({**LOCAL, "cookie": f"{COOKIE}=old"}, path="/sign-in", method="GET", guard=closed())
    assert (there.reached, there.header("set-cookie")) == (True, outcome.header("set-cookie"))


@pytest.mark.parametrize("shown", [{"cookie": f"{COOKIE}=old"}, {"authorization": "Bearer tw_admin_x"}])
def test_a_bad_credential_is_refused_where_none_would_have_been_let_in(shown: dict[str, str]):
    assert ask(LOCAL).reached
    assert ask({**LOCAL, **shown}).status == 401
    assert not ask({**LOCAL, **shown}, kind="websocket", path="/_event/").reached


def test_a_key_that_asks_too_often_waits_and_no_other_key_with_it():
    (first, hasty), (second, patient) = make_key(KeyScope.INGEST), make_key(KeyScope.INGEST, id=2)
    guard = make_guard(make_door(None, first, second), key_requests_per_minute=3)
    noted: list[str] = []
    guard.on_limited = lambda actor, error: noted.append(f"{actor}: {error.message.partition(';')[0]}")
    outcomes = [ask({**LOCAL, "x-api-key": hasty}, guard=guard) for _ in range(4)]
    assert [outcome.reached for outcome in outcomes] == [True, True, True, False]
    assert outcomes[-1].status == 429
    assert noted == ["key 1 (a program): too many requests with this key"]
    assert 1 <= int(outcomes[-1].header("retry-after") or 0) <= 60
    assert ask({**LOCAL, "x-api-key": patient}, guard=guard).reached
    assert ask(LOCAL, guard=guard).reached


def test_a_page_is_hung_up_on_when_the_time_of_its_session_is_over():
    session, cookie = make_session()
    door = make_door(None, session, make_user())
    sent: list[str] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    guard = make_guard(door, app=listen)

    async def scene() -> None:
        headers = [(b"host", b"localhost"), (b"cookie", f"{COOKIE}={cookie}".encode())]
        scope = {"type": "websocket", "path": "/_event/", "client": ("127.0.0.1", 1), "headers": headers}
        serving = asyncio.create_task(guard(scope, receive, send))
        await asyncio.sleep(0)
        guard.sockets.sweep()
        await asyncio.sleep(0)
        assert not serving.done()
        door.clock = lambda: session.expires_at
        guard.sockets.sweep()
        await asyncio.wait_for(serving, 1)

    asyncio.run(scene())
    assert sent == ["websocket.close"]


def test_a_page_by_https_that_the_proxy_does_not_tell_of_is_let_in_and_told_once():
    behind = {"host": "lab.example", "origin": "https://lab.example"}
    guard = make_guard(make_door(policy=Policy(frozenset({"lab.example"}), lets_anonymous_in=True)))
    with capture_logs() as told:
        for _ in range(3):
            assert ask(behind, path="/_event/", kind="websocket", guard=guard).reached
    assert [(line["event"], "X-Forwarded-Proto" in line["reason"]) for line in told] == [
        ("https_untold", True)
    ]
