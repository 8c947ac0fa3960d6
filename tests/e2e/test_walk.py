"""Every way in, walked by everybody who may not use it, and by everybody who may.

The ways are read from what the server registers: operations, files of the page, event handlers. A new one
that names no right, or a wrong one, is found here without anybody thinking of it.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.handlers import Handler, every_handler
from tests.plugins.kept import rows_of
from tests.plugins.listener import listening
from tests.plugins.page_socket import LIVE, ROOT, TASK_PAGE, page_socket
from tests.plugins.server import Server, serving
from tests.plugins.visitors import Visitors, prepare
from tests.plugins.wire import Answer, get, post, request, say
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from
from trainwatch.domain.credential import Scope
from trainwatch.door.limits import MOST_SOCKETS
from trainwatch.door.sockets import CLOSED_BY_US
from trainwatch.door.upkeep import EVERY_S

PUBLIC = {
    *("GET /sign-in", "HEAD /sign-in", "POST /api/sign-in", "POST /api/sign-out"),
    *("GET /api/me", "HEAD /api/me", "GET /healthz", "HEAD /healthz"),
    *("GET /styles/base.css", "GET /styles/parts.css", "GET /styles/forms.css", "GET /styles/sign_in.css"),
    *("GET /inter.woff2", "GET /favicon.svg", "GET /sign_in.js"),
}
"""What answers everybody, unless another web site asks. Whoever adds to it thinks twice."""

RIGHTS: dict[Scope, set[str]] = {
    Scope.READ: {"read"},
    Scope.INGEST: {"ingest"},
    Scope.TRAINING: {"agent"},
    Scope.OPERATE: {"read", "ingest", "annotate", "simulate", "operate"},
    Scope.ADMIN: {"read", "ingest", "annotate", "simulate", "operate", "agent", "admin"},
}

PAGES = [
    "/",
    "/tasks/1",
    "/training/jobs",
    "/training/jobs/new",
    "/training/jobs/1",
    "/settings",
    "/no-such-page",
    "/ping",
    "/_health",
    "/_all_routes",
    "/_upload",
    "/index.html",
]
NOBODYS = [
    "/_upload",
    "/_upload/x",
    "/auth-codespace",
    "/",
    "/tasks/1",
    "/settings",
    "/styles/base.css",
    "/sign_in.js",
]

ELSEWHERE: dict[str, dict[str, str]] = {
    "foreign host": {"host": "evil.example"},
    "a host that begins like ours": {"host": "127.0.0.1.evil.example"},
    "no host": {"host": ""},
    "foreign origin": {"origin": "http://evil.example"},
    "another port's origin": {"origin": "http://127.0.0.1:1"},
    "null origin": {"origin": "null"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site": {"sec-fetch-site": "same-site"},
}
PROXIES: dict[str, dict[str, str]] = {
    "x-forwarded-for": {"x-forwarded-for": "127.0.0.1"},
    "x-forwarded-host": {"x-forwarded-host": "localhost"},
    "forwarded": {"forwarded": "for=127.0.0.1;host=localhost"},
    "x-real-ip": {"x-real-ip": "127.0.0.1"},
    "via": {"via": "1.1 proxy"},
}
TWICE = ["host", "authorization", "cookie", "origin", "x-api-key", "sec-fetch-site"]
BAD = [
    *(
        "expired key",
        "revoked key",
        "mistyped key",
        "key with another scope's word",
        "key that was never made",
    ),
    *("no key", "expired session", "revoked session", "removed user's session"),
    *("session that was never opened", "empty cookie"),
]
MARK = "walked-in"
NOT_THERE = "999999999"
SETTINGS = f"{ROOT}.trainwatch___ui___state___settings____settings"


@dataclass(frozen=True, slots=True)
class Way:
    """One method of one address, with a body that would do something."""

    method: str
    path: str
    right: str
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class House:
    """A server, everybody who may come or not, and every way in."""

    server: Server
    visitors: Visitors
    ways: list[Way]
    task: int

    def owner(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do what the command line of the server's machine does."""
        return ask(settings_from(data_dir=self.server.data_dir), method, path, body)


def example_of(schema: dict[str, Any]) -> Any:
    """Return a value that an operation would take."""
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    examples: dict[str, Any] = {"string": MARK, "integer": 1, "number": 0.5, "boolean": True, "array": [MARK]}
    return examples.get(str(kind), {})


def ways_into(server: Server, headers: dict[str, str], task: str) -> Iterator[Way]:
    """Yield every operation that the server describes, every page and every file of the page."""
    described = get(server.url, "/openapi.json", **headers).json()["paths"]
    for path, methods in described.items():
        filled = (
            path.replace("{id}", task).replace("{task}", MARK).replace("{end}", "0").replace("{name}", MARK)
        )
        for method, about in methods.items():
            schema = (
                about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            )
            body = {name: example_of(each) for name, each in schema.get("properties", {}).items()}
            right = about["description"].split("`")[1]
            yield Way(method.upper(), filled, right, json.dumps(body).encode())
            if method == "get":
                yield Way("HEAD", filled, right)
    yield Way("POST", "/hook", "ingest", json.dumps({"taskName": MARK, "title": MARK, "loss": 1}).encode())
    site = Path(__file__).parent.parent.parent / "trainwatch" / "_site" / "web" / "build" / "client"
    files = ["/" + str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()]
    yield from (Way("GET", path, "read") for path in [*PAGES, *sorted(files)])


@contextlib.contextmanager
def house(data_dir: Path) -> Iterator[House]:
    """Open a house that nobody enters without a sign-in."""
    visitors = prepare(data_dir)
    with serving(data_dir, "--require-sign-in") as server:
        admin = visitors.keys[Scope.ADMIN]
        task = post(server.url, {"taskName": "guarded", "loss": 0.5, "step": 1}, **admin).json()["taskId"]
        yield House(server, visitors, [*ways_into(server, admin, str(task))], task)


@pytest.fixture(scope="module")
def closed(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("closed") / "data") as found:
        yield found


@pytest.fixture
def unchanged(closed: House) -> Iterator[None]:
    """The database must be afterwards as it was before, but for what the audit log says of failed sign-ins."""
    before = rows_of(closed.server)
    yield
    after = rows_of(closed.server)
    new = after.pop("audit_log")[len(before.pop("audit_log")) :]
    assert after == before
    assert [line for line in new if not {"failed to sign in", "was refused"} & set(line)] == []
    assert MARK not in repr(new)


def walk(closed: House, headers: dict[str, str], *, more: bytes = b"") -> dict[str, int | None]:
    """Take every way with `headers` and return how each was answered; `more` are further lines of the head."""
    answered: dict[str, int | None] = {}
    for way in closed.ways:
        raw = request(way.method, way.path, way.body, **headers)
        answered[str(way)] = say(
            closed.server.url, raw.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\n" + more, 1)
        ).status
    return answered


def assert_shut(answered: dict[str, int | None], refusals: set[int]) -> None:
    """Everything but `PUBLIC` was refused."""
    assert len(answered) > 100
    assert answered.keys() >= PUBLIC
    assert {
        way: status for way, status in answered.items() if status not in refusals and way not in PUBLIC
    } == {}
    assert {answered[way] for way in PUBLIC} <= {200, 400, 401, 429}


@pytest.mark.parametrize("headers", [{}, *PROXIES.values(), {"accept": "application/json"}], ids=str)
@pytest.mark.usefixtures("unchanged")
def test_who_shows_nothing_gets_nothing(closed: House, headers: dict[str, str]):
    assert_shut(walk(closed, headers), {401})


@pytest.mark.usefixtures("unchanged")
def test_a_person_who_shows_nothing_is_led_from_the_pages_to_the_sign_in_and_from_nowhere_else(closed: House):
    answered = walk(closed, {"accept": "text/html"})
    assert_shut(answered, {303, 401})
    operations = {
        str(way) for way in closed.ways if way.path.startswith(("/api/", "/hook", "/metrics", "/docs"))
    }
    assert {way for way, status in answered.items() if status == 303} & operations == set()


@pytest.mark.parametrize("shown", BAD)
@pytest.mark.usefixtures("unchanged")
def test_who_shows_something_bad_gets_nothing(closed: House, shown: str):
    assert_shut(walk(closed, closed.visitors.bad[shown]), {401})


def test_everybody_with_something_bad_is_among_those_who_walk(closed: House):
    assert sorted(closed.visitors.bad) == sorted(BAD)


@pytest.mark.parametrize("case", ELSEWHERE)
@pytest.mark.usefixtures("unchanged")
def test_another_web_site_gets_nothing_even_with_what_an_administrator_shows(closed: House, case: str):
    shown = {**closed.visitors.sessions[Scope.ADMIN], **ELSEWHERE[case]}
    assert set(walk(closed, shown).values()) <= {400, 403}


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.usefixtures("unchanged")
def test_a_header_that_decides_and_comes_twice_gets_nothing(closed: House, name: str):
    admin = closed.visitors.keys[Scope.ADMIN] | closed.visitors.sessions[Scope.ADMIN]
    once = {"host": "127.0.0.1", "x-api-key": "x", "origin": "null", "sec-fetch-site": "none", **admin}
    headers = {key: value for key, value in admin.items() if key != name} | {name: once[name]}
    for again in (once[name], "x"):
        answers = walk(closed, headers, more=f"{name}: {again}\r\n".encode())
        assert set(answers.values()) <= {400, 403}


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.usefixtures("unchanged")
def test_who_lacks_a_right_is_refused_what_needs_it(closed: House, scope: Scope):
    lacking = [
        way for way in closed.ways if way.right not in {*RIGHTS[scope], "enter"} and str(way) not in PUBLIC
    ]
    assert lacking or scope is Scope.ADMIN
    for shown in (closed.visitors.keys[scope], closed.visitors.sessions[scope]):
        answered = {
            str(way): say(closed.server.url, request(way.method, way.path, way.body, **shown)).status
            for way in lacking
        }
        assert {way: status for way, status in answered.items() if status != 403} == {}


@pytest.mark.usefixtures("unchanged")
def test_the_page_takes_nothing_from_anybody(closed: House):
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        for path in NOBODYS:
            raw = request(method, path, b"{}", **closed.visitors.keys[Scope.ADMIN])
            assert say(closed.server.url, raw).status in {400, 403}


def test_who_has_a_right_gets_through_wherever_it_is_asked_for(built_page: Path, tmp_path: Path):
    with house(tmp_path / "data") as opened:
        harmless = [*ways_into(opened.server, opened.visitors.keys[Scope.ADMIN], NOT_THERE)]
        for scope, rights in RIGHTS.items():
            ways = [way for way in harmless if way.right in rights]
            assert ways or scope is Scope.TRAINING
            for shown in (opened.visitors.keys[scope], opened.visitors.sessions[scope]):
                answered = {
                    str(way): say(opened.server.url, request(way.method, way.path, way.body, **shown)).status
                    for way in ways
                    if str(way) != "DELETE /api/sessions"  # signs the others out: tried below
                }
                assert {way: status for way, status in answered.items() if status in {None, 401, 403}} == {}
                assert {status for status in answered.values() if status and status >= 500} == set()
        admin = opened.visitors.sessions[Scope.ADMIN]
        assert say(opened.server.url, request("DELETE", "/api/sessions", b"", **admin)).status == 200
        assert get(opened.server.url, "/api/tasks", **admin).status == 200
        assert get(opened.server.url, "/api/tasks", **opened.visitors.sessions[Scope.READ]).status == 401


SOCKETS = ["/_event/", "/ws/progress"]
HANDSHAKE = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec_websocket_version": "13",
}


def shake_hands(house: House, headers: dict[str, str], path: str = "/_event/", more: bytes = b"") -> Answer:
    """Ask for a websocket and return the answer."""
    raw = request("GET", f"{path}?EIO=4&transport=websocket&token=x", b"", **HANDSHAKE, **headers)
    raw = raw.replace(b"connection: close\r\n", b"", 1).replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\n" + more, 1)
    return say(house.server.url, raw)


@pytest.mark.parametrize("path", SOCKETS)
def test_no_socket_opens_for_who_shows_nothing_good(closed: House, path: str):
    for shown in ({}, *PROXIES.values(), *closed.visitors.bad.values()):
        assert shake_hands(closed, shown, path).status == 401, shown


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("case", ELSEWHERE)
def test_no_socket_opens_for_another_web_site(closed: House, case: str, path: str):
    for shown in (closed.visitors.sessions[Scope.ADMIN], closed.visitors.keys[Scope.ADMIN]):
        assert shake_hands(closed, {**shown, **ELSEWHERE[case]}, path).status in {400, 403}


@pytest.mark.parametrize("path", SOCKETS)
def test_no_socket_opens_for_who_says_twice_who_they_are(closed: House, path: str):
    cookie = closed.visitors.sessions[Scope.ADMIN]["cookie"]
    for again in (f"cookie: {cookie}\r\n", "host: 127.0.0.1\r\n"):
        answer = shake_hands(closed, {"cookie": cookie}, path, more=again.encode())
        assert answer.status in {400, 403}


@pytest.mark.parametrize("scope", Scope)
def test_a_socket_opens_for_who_may_read(closed: House, scope: Scope):
    for shown in (closed.visitors.keys[scope], closed.visitors.sessions[scope]):
        if "read" not in RIGHTS[scope]:
            assert [shake_hands(closed, shown, path).status for path in SOCKETS] == [403, 403]
            continue
        with page_socket(closed.server.url, headers=shown) as page:
            page.open_page("/")
            assert page.told(LIVE, "joined")
        with listening(closed.server.url, headers=shown) as listener:
            listener.until_ready()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/hook", "/_event", "/_eventual", "/_upload", "/sign-in", "/api/progress"),
        *(
            "/ws",
            "/ws/",
            "/ws/progress/",
            "/ws/progress/x",
            "/ws/progressive",
            "//ws/progress",
            "/WS/progress",
        ),
    ],
)
def test_an_administrator_finds_two_sockets_and_no_other(closed: House, path: str):
    assert shake_hands(closed, closed.visitors.keys[Scope.ADMIN], path).status in {400, 403, 404}


@pytest.fixture(scope="module")
def handlers() -> list[Handler]:
    found = every_handler()
    assert len(found) > 20
    return found


def arguments_for(handler: Handler, task: int) -> dict[str, Any]:
    """Return arguments that a handler would take."""
    usual = {"int": task, "str": MARK, "bool": True, "list[str]": [MARK], "list[int]": [task], "Any": MARK}
    special = {"scope": "admin", "expiry": "never", "var_name": "problem"}
    return {name: special.get(name, usual.get(kind, {})) for name, kind in handler.takes.items()}


def test_every_handler_of_ours_names_a_right(handlers: list[Handler]):
    ours = [handler for handler in handlers if handler.ours and not handler.name.endswith(".setvar")]
    assert len(ours) > 10
    assert [handler.name for handler in ours if handler.right is None] == []


def test_who_may_only_read_can_only_open_pages(handlers: list[Handler]):
    of_pages = {
        handler.name.rpartition(".")[2] for handler in handlers if handler.ours and handler.right == "read"
    }
    frameworks = {
        handler.name.rpartition(".")[2] for handler in handlers if not handler.ours and handler.right
    }
    assert of_pages == {"enter"}
    assert frameworks == {"hydrate_and_load", "on_load_internal", "set_is_hydrated"}


def test_who_may_only_read_changes_nothing_and_credentials_are_for_administrators(closed: House):
    assert {way.method for way in closed.ways if way.right == "read"} == {"GET", "HEAD"}
    of_credentials = ("/api/keys", "/api/sessions", "/api/users", "/api/links", "/api/audit")
    found = {str(way): way.right for way in closed.ways if way.path.startswith(of_credentials)}
    assert len(found) > 10
    assert set(found.values()) == {"admin"}


@pytest.mark.parametrize("scope", [Scope.READ, Scope.OPERATE, Scope.ADMIN])
@pytest.mark.usefixtures("unchanged")
def test_an_event_that_the_caller_has_no_right_to_does_nothing(
    closed: House, handlers: list[Handler], scope: Scope
):
    shut = [handler for handler in handlers if handler.right not in RIGHTS[scope]]
    assert [handler for handler in shut if handler.name.endswith(".setvar")]
    with page_socket(closed.server.url, headers=closed.visitors.sessions[scope]) as page:
        page.open_page(f"/tasks/{closed.task}", task_id=str(closed.task))
        heard = len(page.deltas)
        for handler in shut:
            page.cause(handler.name, arguments_for(handler, closed.task))
        page.open_page("/settings")  # the events of a tab happen one after another: those are over then
        said = page.deltas[heard:]
    assert MARK not in json.dumps(said)
    assert not any(page.told(SETTINGS, "key_answer"))


def end_session(house: House, session: int, name: str) -> None:
    house.owner("DELETE", f"/api/sessions/{session}")


def change_password(house: House, session: int, name: str) -> None:
    house.owner("POST", f"/api/users/{name}/password", {"password": None})


def remove_user(house: House, session: int, name: str) -> None:
    house.owner("DELETE", f"/api/users/{name}")


def sign_out(house: House, session: int, name: str) -> None:
    cookie = next(shown for number, shown in house.visitors.spare if number == session)
    assert post(house.server.url, {}, "/api/sign-out", **cookie).status == 200


ENDS: list[Callable[[House, int, str], None]] = [end_session, change_password, remove_user, sign_out]


@pytest.mark.parametrize("end", ENDS)
def test_who_is_signed_out_is_led_to_the_sign_in_hung_up_on_and_does_nothing_in_between(
    closed: House, handlers: list[Handler], end: Callable[[House, int, str], None]
):
    which = ENDS.index(end)
    session, cookie = closed.visitors.spare[which]
    task = post(closed.server.url, {"taskName": f"kept {which}"}, **closed.visitors.keys[Scope.ADMIN]).json()[
        "taskId"
    ]
    with page_socket(closed.server.url, headers=cookie) as page:
        page.open_page(f"/tasks/{task}", task_id=str(task))
        page.cause(f"{TASK_PAGE}.set_notes", {"task_id": task, "notes": "before"})
        while "before" not in json.dumps(page.told(LIVE, "task")):
            page.until(LIVE, "task")
        page.open_page("/settings")  # whatever came before is over then, and nothing more is on its way
        end(closed, session, f"spare{which}")
        began, heard = time.monotonic(), len(page.deltas)
        before = rows_of(closed.server)
        for handler in handlers:
            page.cause(handler.name, arguments_for(handler, task))
        page.until_closed()
        took = time.monotonic() - began
    said = [delta for delta in page.deltas[heard:] if delta]
    assert said == [{LIVE: {"door_rx_state_": {"signIn": True}}}]
    assert took < EVERY_S / 2
    assert rows_of(closed.server) == before
    assert (
        get(closed.server.url, f"/api/tasks/{task}", **closed.visitors.keys[Scope.READ]).json()["notes"]
        == "before"
    )
    assert shake_hands(closed, cookie).status == 401


def test_who_is_signed_out_hears_nothing_more_of_tasks_even_before_being_hung_up_on(closed: House):
    which, admin = 7, closed.visitors.keys[Scope.ADMIN]
    session, cookie = closed.visitors.spare[which]
    task = post(closed.server.url, {"taskName": "overheard"}, **admin).json()["taskId"]
    with page_socket(closed.server.url, headers=cookie) as page:
        page.open_page(f"/tasks/{task}", task_id=str(task))
        post(closed.server.url, {"taskName": "overheard", "message": "aloud"}, **admin)
        page.until(LIVE, "task")
        end_session(closed, session, "")
        heard = len(page.deltas)
        for step in range(5):
            post(closed.server.url, {"taskName": "overheard", "loss": 0.5, "step": step}, **admin)
        page.until_closed()
    assert [delta for delta in page.deltas[heard:] if delta] == [{LIVE: {"door_rx_state_": {"signIn": True}}}]


def test_a_program_whose_key_is_revoked_is_hung_up_on_and_the_others_are_not(closed: House):
    made = closed.owner("POST", "/api/keys", {"scope": "admin", "label": "short-lived"})
    with (
        page_socket(closed.server.url, headers={"x-api-key": made["key"]}) as ended,
        page_socket(closed.server.url, headers=closed.visitors.keys[Scope.READ]) as other,
    ):
        ended.open_page("/")
        other.open_page("/")
        closed.owner("DELETE", f"/api/keys/{made['id']}")
        began = time.monotonic()
        ended.cause(f"{TASK_PAGE}.set_notes", {"task_id": closed.task, "notes": MARK})
        ended.until_closed()
        assert time.monotonic() - began < EVERY_S / 2  # it is told, not found out
        other.settle()
    notes = get(closed.server.url, f"/api/tasks/{closed.task}", **closed.visitors.keys[Scope.READ]).json()[
        "notes"
    ]
    assert notes is None


def test_who_is_revoked_hears_no_more_of_progress_and_the_others_do(closed: House):
    made = closed.owner("POST", "/api/keys", {"scope": "read", "label": "short-lived"})
    with (
        listening(closed.server.url, headers={"x-api-key": made["key"]}) as ended,
        listening(closed.server.url, headers=closed.visitors.keys[Scope.READ]) as other,
    ):
        ended.until_ready()
        other.until_ready()
        closed.owner("DELETE", f"/api/keys/{made['id']}")
        began = time.monotonic()
        assert ended.until_closed() == (CLOSED_BY_US, "signed out")
        assert time.monotonic() - began < EVERY_S / 2  # it is told, not found out
        other.subscribe(["a task"])
        other.until_ready()
    assert shake_hands(closed, {"x-api-key": made["key"]}, "/ws/progress").status == 401


def test_who_signs_out_hears_no_more_of_progress(closed: House):
    session, cookie = closed.visitors.spare[len(ENDS)]
    with listening(closed.server.url, headers=cookie) as listener:
        listener.until_ready()
        sign_out(closed, session, "")
        assert listener.until_closed() == (CLOSED_BY_US, "signed out")


def test_one_who_may_read_holds_so_many_sockets_and_no_more(closed: House):
    _, cookie = closed.visitors.spare[len(ENDS) + 1]
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_SOCKETS["session"]):
            stack.enter_context(listening(closed.server.url, headers=cookie)).until_ready()
        refused = shake_hands(closed, cookie, "/ws/progress")
        assert refused.status == 429
        assert b"\r\nretry-after: 5\r\n" in refused.head
        stack.enter_context(
            listening(closed.server.url, headers=closed.visitors.keys[Scope.READ])
        ).until_ready()


def test_what_an_administrators_tab_was_shown_is_not_for_the_next_who_has_its_token(closed: House):
    """A tab keeps its token when somebody else signs in there."""
    token = "the-same-tab"
    with page_socket(closed.server.url, token=token, headers=closed.visitors.sessions[Scope.ADMIN]) as page:
        page.open_page("/settings")
        assert "a test" in json.dumps(page.deltas)  # the label of every key here
    with page_socket(closed.server.url, token=token, headers=closed.visitors.sessions[Scope.READ]) as page:
        page.open_page("/settings")
        page.settle()
        assert "a test" not in json.dumps(page.deltas)


def test_the_log_has_no_traceback(closed: House):
    assert "Traceback" not in closed.server.log_file.read_text()
