"""Nobody but this machine gets in, and through the page's socket nothing happens that a page could not ask for."""

import contextlib
import http.client
import http.server
import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from playwright.sync_api import Browser, Page, expect

from tests.plugins.handlers import every_handler
from tests.plugins.kept import rows_of
from tests.plugins.page_socket import LIVE, ROOT, TASK_PAGE, PageSocket, page_socket
from tests.plugins.server import Server
from tests.plugins.wire import address_of, get, post, request, say
from trainwatch.ui.gate import LONGEST_TOKEN

FOREIGN: dict[str, dict[str, str]] = {
    "foreign host": {"host": "evil.example"},
    "a name that begins like ours": {"host": "localhost.evil.example"},
    "no host": {"host": ""},
    "foreign origin": {"origin": "http://evil.example"},
    "null origin": {"origin": "null"},
    "another port's origin": {"origin": "http://127.0.0.1:1"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site": {"sec-fetch-site": "same-site"},
}
FORWARDED: dict[str, dict[str, str]] = {
    "forwarded": {"forwarded": "for=10.0.0.1"},
    "x-forwarded-for": {"x-forwarded-for": "10.0.0.1"},
    "x-forwarded-host": {"x-forwarded-host": "localhost"},
    "x-real-ip": {"x-real-ip": "10.0.0.1"},
    "via": {"via": "1.1 proxy"},
}
STRANGE = {**FOREIGN, **FORWARDED}
"""Another web site is refused, whoever it speaks for; who comes through a proxy is nobody until they show something."""
PUBLIC = {"GET /sign-in", "POST /api/sign-in", "POST /api/sign-out", "GET /api/me", "GET /healthz"}
PAGE_ADDRESSES = ["/", "/tasks/1", "/favicon.ico", "/ping", "/_health", "/_all_routes", "/_upload"]
SECURITY_HEADERS = ["content-security-policy", "x-content-type-options", "cross-origin-resource-policy"]


@pytest.fixture
def task(server: Server) -> int:
    """A task that no test may change but through the front door."""
    return int(post(server.url, {"taskName": "guarded", "loss": 0.5, "step": 1}).json()["taskId"])


@pytest.fixture
def unchanged(server: Server, task: int) -> Iterator[None]:
    """The database must be afterwards as it was before."""
    before = rows_of(server)
    yield
    assert rows_of(server) == before


def every_request(server: Server, task: int) -> Iterator[tuple[str, str]]:
    """Yield method and address of every operation that the API describes, and of the page."""
    described = get(server.url, "/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method in methods:
            yield method.upper(), path.replace("{id}", str(task)).replace("{task}", "x").replace("{end}", "0")
    yield from (("GET", address) for address in PAGE_ADDRESSES)


@pytest.mark.parametrize("case", STRANGE)
@pytest.mark.usefixtures("unchanged")
def test_no_operation_and_no_page_answers_a_stranger(server: Server, task: int, case: str):
    answered: dict[str, int | None] = {}
    for method, path in every_request(server, task):
        body = b'{"taskName": "stranger", "title": "stranger", "loss": 1}'
        answer = say(server.url, request(method, path, body=body, **STRANGE[case]))
        if case in FOREIGN or f"{method} {path}" not in PUBLIC:
            answered[f"{method} {path}"] = answer.status
    assert len(answered) > 15
    assert set(answered.values()) <= ({400, 403} if case in FOREIGN else {401}), answered


@pytest.mark.parametrize("path", ["/_event/?EIO=4&transport=websocket&token=x", "/ws/progress"])
@pytest.mark.parametrize("case", STRANGE)
@pytest.mark.usefixtures("unchanged")
def test_no_socket_opens_for_a_stranger(server: Server, case: str, path: str):
    handshake = request(
        "GET",
        path,
        b"",
        **{
            "connection": "upgrade",
            "upgrade": "websocket",
            "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
            "sec_websocket_version": "13",
            **STRANGE[case],
        },
    ).replace(b"connection: close\r\n", b"", 1)
    assert say(server.url, handshake).status in ({400, 403} if case in FOREIGN else {401})
    assert "without completing handshake" not in server.log_file.read_text()


@pytest.mark.parametrize(
    "path", ["/", "/hook", "/api/tasks", "/ws", "/ws/progress/", "/_eventual", "/_event/../api"]
)
def test_there_are_two_sockets_only(server: Server, path: str):
    with pytest.raises((websocket.WebSocketBadStatusException, websocket.WebSocketConnectionClosedException)):
        websocket.create_connection(server.url.replace("http", "ws") + path, timeout=5)


@pytest.mark.parametrize("transport", ["polling", "", "websocket"])
def test_the_socket_speaks_websocket_only(server: Server, transport: str):
    answer = get(server.url, f"/_event/?EIO=4&transport={transport}")
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert post(server.url, b"40/_event,", f"/_event/?EIO=4&transport={transport}&sid=x").status in {400, 403}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.usefixtures("unchanged")
def test_the_page_is_for_reading(server: Server, task: int, method: str):
    for path in [*PAGE_ADDRESSES, "/_upload/x", "/auth-codespace"]:
        assert say(server.url, request(method, path, b"{}")).status in {400, 403}


@pytest.mark.usefixtures("unchanged")
def test_reading_changes_nothing(server: Server, task: int):
    answers = [
        say(server.url, request(method, path))
        for _, path in every_request(server, task)
        for method in ("GET", "HEAD")
    ]
    assert {answer.status for answer in answers} <= {200, 400, 401, 404, 405}  # 400: a query is missing


HERE = {"read", "annotate"}
OPENING = {"hydrate_and_load", "on_load_internal"}
UNMEANT = [
    *(
        "setvar",
        "set_title",
        "_private",
        "_attempt",
        "__init__",
        "get_state",
        "dict",
        "reset",
        "_clean",
        "no_such",
    ),
    *("problem", "set_problem", "set_missing", "enter.fn", "trigger_event", "hydrate", "emit_update"),
]


@pytest.mark.usefixtures("unchanged")
def test_no_handler_that_is_not_meant_for_pages_does_anything(server: Server, task: int):
    handlers = every_handler()
    meant = {handler.name for handler in handlers if handler.ours and handler.right in HERE}
    meant |= {handler.name for handler in handlers if handler.name.rpartition(".")[2] in OPENING}
    registered = {handler.name for handler in handlers}
    assert any(name.endswith(".setvar") for name in registered)
    states = {name.rpartition(".")[0] for name in registered}
    names = {*registered, *(f"{state}.{unmeant}" for state in states for unmeant in UNMEANT)} - meant
    with page_socket(server.url) as page:
        page.open_page("/")
        heard = len(page.deltas)
        for name in names:
            page.cause(
                name, {"var_name": "problem", "value": "marker", "vars": {f"{TASK_PAGE}.problem": "marker"}}
            )
        page.open_page("/")  # when those before it are over
        marks = [delta for delta in page.deltas[heard:] if "marker" in json.dumps(delta)]
    assert marks == []


WRONG_ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"task_id": None, "title": None},
    {"task_id": "1", "title": "pwned"},
    {"task_id": True, "title": "pwned"},
    {"task_id": 1.0, "title": "pwned"},
    {"task_id": [1], "title": "pwned"},
    {"task_id": 10**30, "title": "pwned"},
    {"task_id": -1, "title": "pwned"},
    {"task_id": 0, "title": "pwned"},
    {"task_id": 999_999, "title": "pwned"},
    {"task_id": 1, "title": 5},
    {"task_id": 1, "title": {"a": 1}},
    {"task_id": 1, "title": "pwned", "self": 3},
    {"task_id": 1, "title": "pwned", "status": "complete"},
    {"task_id": 1, "title": "x" * 201},
    {"task_id": 1, "title": "a\0b"},
    {"task_id": 1, "title": "\ud800"},
    {"task_id": 1, "tags": "abc"},
    {"task_id": 1, "tags": [1, None]},
    {"task_id": 1, "tags": ["x" * 201]},
    {"task_id": 1, "tags": [str(number) for number in range(101)]},
    {"task_id": 1, "notes": "x" * 20_001},
    {"task_id": 1, "notes": ["x"]},
    {"task_id": 1, "stop": "yes"},
    {"task_id": 1, "stop": 1},
    {"task_id": 1, "stop": None},
]


@pytest.mark.usefixtures("unchanged")
def test_events_with_wrong_arguments_change_nothing(server: Server, task: int):
    with page_socket(server.url) as page:
        page.open_page(f"/tasks/{task}", task_id=str(task))
        for handler in ("rename", "set_tags", "set_notes", "request_stop"):
            for arguments in WRONG_ARGUMENTS:
                page.cause(f"{TASK_PAGE}.{handler}", {**arguments, **meant(arguments, task)})
        page.open_page("/")  # when those before it are over
    assert "Traceback" not in server.log_file.read_text()


def meant(arguments: dict[str, Any], task: int) -> dict[str, Any]:
    """Return the id of the task for arguments that say 1 (True and 1.0 are wrong on purpose)."""
    return {"task_id": task} if repr(arguments.get("task_id")) == "1" else {}


GARBAGE = [
    *(
        '42/_event,["event"]',
        '42/_event,["event",[]]',
        '42/_event,["event","{}"]',
        '42/_event,["event",{"name":5}]',
    ),
    *(
        '42/_event,["event",{"name":"x"},1,2]',
        "42/_event,[]",
        "42/_event,[5]",
        '42/_event,{"a":1}',
        "42/_event,null",
    ),
    *('42/_event,["disconnect"]', '42/_event,["emit","x"]', '42/_event,["*",1]', '42/_event,["__class__"]'),
    *(
        '42["event",{}]',
        "42/other,[1]",
        "4junk",
        "4",
        "44/_event,{}",
        "43/_event,7[]",
        '42/_event,["client_error",5]',
    ),
    *(
        '45-_event,["event",{"_placeholder":true,"num":0}]',
        "45999999999-/_event,[]",
        "42/_event," + "[" * 5000,
    ),
]


def test_garbage_on_a_socket_disturbs_neither_its_page_nor_the_log(server: Server, task: int):
    for garbage in GARBAGE:
        with (
            page_socket(server.url) as page,
            contextlib.suppress(ConnectionError, websocket.WebSocketException),
        ):
            page.say(garbage)
            page.open_page("/")
    with page_socket(server.url) as page:
        page.open_page("/")
        post(server.url, {"taskName": "guarded", "loss": 0.4, "step": 2})
        page.until(LIVE, "overview")
    assert "Traceback" not in server.log_file.read_text()


def test_a_socket_cannot_bring_other_headers_than_those_it_came_with(server: Server, task: int):
    forged = {"asgi.scope": {"client": ["10.0.0.1"], "headers": []}, "QUERY_STRING": "token=somebody"}
    with page_socket(server.url) as page:
        page.emit("connect", forged, None)
        page.open_page("/")
        page.cause(f"{TASK_PAGE}.set_notes", {"task_id": task, "notes": "by its own headers"})
        page.settle()
        page.until(TASK_PAGE, "problem", value="")
    assert get(server.url, f"/api/tasks/{task}").json()["notes"] == "by its own headers"


ROOMS = [
    "overview",
    "everyone",
    "task-1",
    "task-0x1",
    "task--1",
    "../overview",
    "1 OR 1=1",
    "9" * 40,
    "٣",
    "²",
    "%31",
    "",
]


def test_forged_addresses_and_sids_join_nothing_but_public_rooms(server: Server, task: int):
    with page_socket(server.url) as other, page_socket(server.url) as page:
        other.open_page("/")
        for room in [*ROOMS, other.sid]:
            router = {
                "pathname": f"/tasks/{room}",
                "asPath": f"/tasks/{room}",
                "query": {"task_id": room},
                "sid": other.sid,
                "token": "other",
                "headers": {"host": "evil.example"},
            }
            page.cause(f"{ROOT}.hydrate_and_load", {}, router)
            page.settle()
        heard = len(page.deltas)
        other.cause(f"{TASK_PAGE}.set_notes", {"task_id": 999_999, "notes": "x"})
        other.until(TASK_PAGE, "problem", value="there is no task 999999")
        page.settle()
        post(server.url, {"taskName": "guarded", "loss": 0.3, "step": 3})
        other.until(LIVE, "overview")
        page.settle()
        assert "there is no task" not in json.dumps(page.deltas[heard:])
        assert [frame for frame in page.told(LIVE, "overview") if frame] == []
        assert page.told(TASK_PAGE, "missing")[-1] is True


def test_a_page_hears_the_rooms_of_its_address_and_leaves_them_with_it(server: Server, task: int):
    other = int(post(server.url, {"taskName": "another", "loss": 1, "step": 1}).json()["taskId"])
    with page_socket(server.url) as page:
        page.open_page(f"/tasks/{task}", task_id=str(task))
        page.open_page(f"/tasks/{other}", task_id=str(other))
        heard = len(page.deltas)
        post(server.url, {"taskName": "guarded", "loss": 0.2, "step": 4})
        post(server.url, {"taskName": "another", "loss": 0.2, "step": 4})
        while not told_tasks(page, heard):
            page.until(LIVE, "task")
        page.settle()
        assert set(told_tasks(page, heard)) == {other}


HYDRATIONS: list[dict[str, Any]] = [
    {"vars": {f"{TASK_PAGE}.problem": "marker"}},
    {"vars": {f"{TASK_PAGE}.problem_rx_state_": "marker"}},
    {"vars": [1]},
    {"hashes": 5},
    {"hashes": [1]},
    {"is_hydrated": True},
]


def test_opening_a_page_sets_nothing(server: Server, task: int):
    with page_socket(server.url) as page:
        for payload in HYDRATIONS:
            page.cause(f"{ROOT}.hydrate_and_load", payload, {"pathname": "/", "asPath": "/", "query": {}})
        page.settle()
        assert page.deltas == []
    assert "Traceback" not in server.log_file.read_text()


def told_tasks(page: PageSocket, since: int) -> list[int]:
    """Return which tasks the frames were about."""
    frames = [delta[LIVE].get("task_rx_state_") for delta in page.deltas[since:] if LIVE in delta]
    return [frame["taskId"] for frame in frames if frame]


@pytest.mark.slow
def test_five_hundred_sockets_leave_nothing_behind(server: Server, task: int):
    headers = {f"x-{number}": "y" * 7_000 for number in range(8)}

    def visit(times: int) -> None:
        for number in range(times):
            with page_socket(server.url, headers=headers) as page:
                page.open_page("/" if number % 2 else f"/tasks/{task}", task_id=str(task))

    visit(50)
    files, threads, memory = footprint(server)
    visit(500)
    after = footprint(server)
    assert after[0] <= files + 5
    assert after[1] <= threads + 2
    assert after[2] - memory < 25_000_000


def test_a_tab_cannot_call_itself_anything_long(server: Server, task: int):
    with page_socket(server.url, token="t" * LONGEST_TOKEN) as page:
        page.open_page("/")
    with pytest.raises(AssertionError, match="44/_event"), page_socket(server.url, token="t" * 5_000):
        pass


def footprint(server: Server) -> tuple[int, int, int]:
    """Return how many files and threads the server has, and its memory in bytes (Linux)."""
    process = Path(f"/proc/{server.process.pid}")
    resident = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir())), resident


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/tasks/1",
        "/docs",
        "/openapi.json",
        "/api/tasks",
        "/api/nothing",
        "/no-such-page",
        "/assets/none.js",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_response_carries_the_headers_that_protect_it(server: Server, address: str, host: str):
    headers = headers_of(server, "GET", address, host)
    assert [name for name in SECURITY_HEADERS if name not in headers] == []
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert "script-src 'unsafe-inline'" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert "set-cookie" not in headers


def headers_of(server: Server, method: str, address: str, host: str) -> dict[str, str]:
    connection = http.client.HTTPConnection(*address_of(server.url), timeout=5)
    with contextlib.closing(connection):
        connection.request(method, address, headers={"host": host})
        return {name.lower(): value for name, value in connection.getresponse().getheaders()}


def test_the_built_pages_files_carry_them_as_well(server: Server):
    page = get(server.url, "/").body.decode()
    scripts = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page)
    assert scripts
    for script in scripts:
        headers = headers_of(server, "GET", script, "localhost")
        assert [name for name in SECURITY_HEADERS if name not in headers] == []


def test_the_documentation_needs_no_script(server: Server):
    page = get(server.url, "/docs").body.decode().lower()
    assert "<script" not in page
    assert not re.search(r"\son\w+=", page)


@pytest.mark.browser
def test_a_script_that_was_slipped_into_the_page_does_not_run(browser: Browser, server: Server, task: int):
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/")
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(script);
            const image = document.createElement("img");
            image.setAttribute("onerror", "window.ran = 2");
            image.src = "/no-such-image";
            document.body.append(image);
            const link = document.createElement("a");
            link.href = "javascript:window.ran=3";
            document.body.append(link);
            link.click();
        }"""
    )
    expect(page.get_by_text("guarded").first).to_be_visible()
    assert page.evaluate("window.ran") is None
    assert [text for text in complaints if "Content Security Policy" in text]
    context.close()


@pytest.mark.browser
def test_the_documentation_is_styled(page: Page, server: Server):
    page.goto("/docs")
    assert page.evaluate("getComputedStyle(document.querySelector('section')).borderRadius") == "12px"
    assert page.get_by_role("heading", name="/api/tasks").count() >= 1


@pytest.mark.browser
def test_another_site_can_neither_read_nor_report_nor_frame(browser: Browser, server: Server, stranger: str):
    context = browser.new_context()
    page = context.new_page()
    page.goto(stranger)
    outcome = page.evaluate(
        """async (url) => {
            const heard = {};
            try { await fetch(url + "/api/tasks"); heard.read = true; } catch { heard.read = false; }
            const forged = {method: "POST", mode: "no-cors", body: '{"taskName": "csrf", "loss": 1}'};
            try { await fetch(url + "/hook", forged); } catch { heard.refused = true; }
            const opens = (path) => new Promise((done) => {
                const socket = new WebSocket(url.replace("http", "ws") + path);
                socket.onopen = () => done(true);
                socket.onerror = () => done(false);
            });
            heard.socket = await opens("/_event/?EIO=4&transport=websocket&token=x");
            heard.progress = await opens("/ws/progress");
            return heard;
        }""",
        server.url,
    )
    assert outcome == {"read": False, "refused": True, "socket": False, "progress": False}
    assert get(server.url, "/api/tasks?q=csrf").json()["total"] == 0
    page.set_content(f'<iframe src="{server.url}/"></iframe>')
    frame = page.frames[-1]
    frame.wait_for_load_state()
    assert "TrainWatch" not in (frame.title() or "")
    context.close()


@pytest.fixture
def stranger() -> Iterator[str]:
    """Another web site, in this machine's browser."""

    class Quiet(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield f"http://localhost:{site.server_port}"
    site.shutdown()
    thread.join()
    site.server_close()
