"""The API as programs meet it: every operation, good input and bad, one shape of error."""

import gzip
import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.plugins.server import Server
from tests.plugins.wire import Answer, address_of, get, post, request, say
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

MIB = 1 << 20
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


def report(server: Server, **fields: object) -> int:
    """Send a report and return its task's id."""
    answer = post(server.url, fields)
    assert answer.status == 200, answer.body
    return int(answer.json()["taskId"])


def change(server: Server, task: int, body: object, method: str = "PATCH", path: str = "") -> Answer:
    """Change a task."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return say(server.url, request(method, f"/api/tasks/{task}{path}", raw))


def described(server: Server) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = get(server.url, "/openapi.json").json()
    return document


def operations(server: Server) -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation that is described."""
    for path, methods in described(server)["paths"].items():
        for method in methods:
            yield method.upper(), path


def is_closed(server: Server, method: str, path: str) -> bool:
    """Whether an operation needs a right that being on this machine does not give."""
    about: str = described(server)["paths"][path][method.lower()]["description"]
    return about.split("`")[1] in {"operate", "agent", "admin"}


def takes_a_body(server: Server, method: str, path: str) -> bool:
    """Whether an operation says what is to be sent to it."""
    return "requestBody" in described(server)["paths"][path][method.lower()]


def fill(path: str, task: object) -> str:
    """Return a path with its parameters filled in."""
    filled = path.replace("{id}", str(task)).replace("{task}", "some/task").replace("{end}", "start")
    return filled.replace("{name}", "nobody")


def is_an_error(answer: Answer) -> bool:
    """Whether an answer is a refusal of the one shape."""
    assert answer.status is not None
    if not 400 <= answer.status < 500:
        return False
    body = answer.json()
    error = body["error"]
    return body["ok"] is False and error.keys() >= {"code", "field", "message"} and bool(error["message"])


@pytest.fixture(scope="module")
def task(server: Server) -> int:
    """A task with a curve."""
    series = {"loss": {"values": [1 / (step + 1) for step in range(50)]}}
    return report(server, taskName="api", gpuName="G", progress=0.5, series=series)


@pytest.fixture(scope="module")
def admin(server: Server) -> str:
    """A key that opens everything."""
    wanted = {"scope": "admin", "label": "the API's tests"}
    return str(ask(settings_from(data_dir=server.data_dir), "POST", "/api/keys", wanted)["key"])


BAD_IDS = [
    "0",
    "-1",
    "x",
    "1.0",
    "1e3",
    "999999",
    "9" * 18,
    "9" * 40,
    "%00",
    "%ff",
    "%D9%A1",
    "²",
    "true",
    "null",
    "[]",
]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_is_none_is_not_found_in_one_shape_everywhere(server: Server, admin: str, bad: str):
    asked = [(method, path) for method, path in operations(server) if "{id}" in path]
    assert len(asked) >= 5
    for method, path in asked:
        raw = request(method, fill(path, quote(bad, safe="%")), b'{"title": "x"}', x_api_key=admin)
        answer = say(server.url, raw)
        assert (answer.status, is_an_error(answer)) == (404, True), (method, path, answer)


BAD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"{",
    b"\xff",
    b"[" * 100_000,
    b"nonsense",
    b"{}",
    b'{"title": NaN, "stop": NaN}',
]


FINE = {
    *(("/hook", b"[]"), ("/api/tasks/{id}/stop", b""), ("/api/tasks/{id}/stop", b"{}")),
    *(("/api/tasks/{id}/archive", b""), ("/api/tasks/{id}/archive", b"{}")),
    ("/api/tasks/{id}/archive", BAD_BODIES[-1]),
    *(("/api/links", b""), ("/api/links", b"{}"), ("/api/links", BAD_BODIES[-1])),
}


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: repr(body[:12]))
def test_a_bad_body_is_refused_in_one_shape_everywhere(server: Server, admin: str, task: int, body: bytes):
    before = get(server.url, f"/api/tasks/{task}").body
    for method, path in operations(server):
        if not takes_a_body(server, method, path) or (path, body) in FINE:
            continue
        answer = say(server.url, request(method, fill(path, task), body, x_api_key=admin))
        assert is_an_error(answer), (method, path, answer)
    assert get(server.url, f"/api/tasks/{task}").body == before


BAD_QUERIES = {
    "/api/tasks": [
        "sort=x",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=1.5",
        "offset=-1",
        "status=x",
        "q=%00",
        "q=" + "x" * 201,
        "archived=x",
        "archived=2",
    ],
    "/api/training/{id}/metrics": [
        *(
            "name=loss&points=1",
            "name=loss&points=10001",
            "name=loss&from=-1",
            "name=loss&to=x",
            "name=loss&since=1e3",
        ),
        *("name=loss&attempt=0", "name=loss&attempt=99999999999", "name=" + "x" * 201, "name=%00"),
    ],
    "/api/tasks/{id}/export": ["format=x", "format=CSV", "format="],
}


def test_a_bad_query_names_its_parameter(server: Server, task: int):
    for path, queries in BAD_QUERIES.items():
        for query in queries:
            answer = get(server.url, f"{fill(path, task)}?{query}")
            assert is_an_error(answer), (path, query, answer)
            assert answer.json()["error"]["field"] == query.split("&")[-1].split("=")[0]


def test_every_described_operation_answers_and_no_other_method_does(server: Server, task: int):
    known = set(operations(server))
    assert len(known) >= 11
    for path in sorted({path for _, path in known}):
        for method in METHODS:
            answer = say(
                server.url, request(method, fill(path, task), b'{"taskName": "api", "title": "api"}')
            )
            if (method, path) in known:
                assert answer.status == expected_of(server, method, path), (method, path, answer)
            elif method == "HEAD" and ("GET", path) in known:
                expected = expected_of(server, "GET", path)
                assert answer.status == expected
                assert not answer.body or expected != 200
            elif method in {"GET", "HEAD"} and path.startswith("/api/progress/"):
                assert answer.status == 404  # a tracked task may be called "some/task/start"
            else:
                assert answer.status in {400, 403, 405}, (method, path, answer)
                assert method == "HEAD" or is_an_error(answer)


def expected_of(server: Server, method: str, path: str) -> int:
    """Return the status with which an operation answers somebody on this machine."""
    if path == "/api/sign-in":
        return 400  # a report is no sign-in
    if (method, path) == ("POST", "/api/training/jobs"):
        return 422  # nor a job
    if path.startswith("/api/training/jobs/"):
        return 404  # and its task is none
    if path.endswith("/end"):
        return 400  # it says not how the task ended
    if path.endswith("/log/search"):
        return 400  # it says not what to look for
    if path.startswith("/api/progress/"):
        return 404 if method == "GET" else 400  # nobody tracks it, and a report is no change
    if (method, path) == ("POST", "/api/progress"):
        return 400
    return 401 if is_closed(server, method, path) else 200


def test_what_a_path_takes_is_said_beside_a_405(server: Server, task: int):
    with closing(http.client.HTTPConnection(*address_of(server.url), timeout=5)) as connection:
        connection.request("PUT", f"/api/tasks/{task}")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["allow"]) == (405, "GET, PATCH, DELETE")


@pytest.mark.parametrize(("method", "path"), [("POST", "/archive"), ("DELETE", "")])
def test_being_on_this_machine_is_not_enough_to_archive_or_delete(
    server: Server, task: int, method: str, path: str
):
    before = get(server.url, f"/api/tasks/{task}").body
    answer = change(server, task, {}, method, path)
    assert (answer.status, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert get(server.url, f"/api/tasks/{task}").body == before


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/tasks/", "/docs/x", "/metrics/", "/healthz2", "/hooks"]
)
def test_an_unknown_address_is_not_found_in_one_shape(server: Server, path: str):
    answer = get(server.url, path)
    assert (answer.status, is_an_error(answer)) == (404, True)


def test_the_list_is_filtered_sorted_and_cut(server: Server):
    for number, status in enumerate(["running", "running", "failed", "complete", "queued"]):
        report(server, taskName=f"listed {number}", status=status, progress=number / 10, tags=None)
    tagged = report(server, taskName="listed 5", status="paused")
    assert change(server, tagged, {"tags": ["Übung", "listed-tag"]}).status == 200

    def titles(query: str) -> list[str]:
        return [each["title"] for each in get(server.url, f"/api/tasks?{query}").json()["tasks"]]

    every = [f"listed {number}" for number in range(6)]
    assert sorted(titles("q=listed")) == every
    assert sorted(titles("q=LISTED")) == every
    assert titles("q=" + quote("übung")) == ["listed 5"]
    assert sorted(titles("q=listed&status=running")) == every[:2]
    assert sorted(titles("q=listed&status=running,failed")) == every[:3]
    assert sorted(titles("q=listed&status=active")) == [every[0], every[1], every[4], every[5]]
    assert sorted(titles("q=listed&status=finished")) == [every[3]]
    assert titles("q=%25") == titles("q=_") == titles("q=%5C") == []
    whole = titles("q=listed")
    assert titles("q=listed&limit=2") == whole[:2]
    assert titles("q=listed&limit=2&offset=4") == whole[4:]
    assert titles("q=listed&offset=100") == []
    page = get(server.url, "/api/tasks?q=listed&limit=1").json()
    assert (len(page["tasks"]), page["total"]) == (1, 6)
    assert (
        page["counts"] | {"running": 2, "failed": 1, "complete": 1, "queued": 1, "paused": 1}
        == page["counts"]
    )
    sorts = next(
        each
        for each in described(server)["paths"]["/api/tasks"]["get"]["parameters"]
        if each["name"] == "sort"
    )
    for sort in sorts["schema"]["enum"]:
        assert sorted(titles(f"q=listed&sort={sort}")) == every


def test_a_typed_title_wins_until_it_is_emptied(server: Server):
    task = report(server, taskName="reported", progress=0.1)
    assert change(server, task, {"title": "  typed  "}).json()["title"] == "typed"
    report(server, taskName="reported", title="another", progress=0.2)
    row = get(server.url, f"/api/tasks/{task}").json()
    assert (row["title"], row["titleByUser"], row["reportedName"]) == ("typed", True, "reported")
    for empty in ("", "   ", None):
        change(server, task, {"title": "typed"})
        row = change(server, task, {"title": empty}).json()
        assert (row["title"], row["titleByUser"]) == ("reported", False)


def test_tags_and_notes_have_limits_and_a_refusal_changes_nothing(server: Server):
    task = report(server, taskName="limits")
    assert (
        change(server, task, {"tags": ["x" * 200], "notes": "n" * 20_000, "title": "t" * 200}).status == 200
    )
    before = get(server.url, f"/api/tasks/{task}").body
    refused: list[dict[str, object]] = [
        {"tags": ["x" * 201]},
        {"tags": [str(number) for number in range(101)]},
        {"notes": "n" * 20_001},
        {"title": "t" * 201},
        {"title": "a\0b"},
        {"tags": ["a\0b"]},
        {"notes": "a\0b"},
        {"title": 7},
        {"tags": "x"},
        {"tags": [7]},
        {"notes": ["x"]},
        {"nothing": "we know"},
        {"title": "fine", "tags": ["x" * 201]},
    ]
    for body in refused:
        answer = change(server, task, body)
        assert is_an_error(answer), (body, answer)
    assert get(server.url, f"/api/tasks/{task}").body == before
    row = change(server, task, {"tags": [" a ", "a", "", "b"], "notes": "  "}).json()
    assert (row["tags"], row["notes"]) == (["a", "b"], None)


def test_the_stop_flag_is_raised_and_taken_back_and_refused_after_the_end(server: Server):
    task = report(server, taskName="stoppable", progress=0.1)

    def asked() -> bool:
        return bool(post(server.url, {"taskName": "stoppable", "progress": 0.2}).json()["stop"])

    assert change(server, task, b"", "POST", "/stop").json() == {"ok": True, "taskId": task, "stop": True}
    assert asked()
    assert change(server, task, {"stop": False}, "POST", "/stop").json()["stop"] is False
    assert not asked()
    for wrong in ({"stop": "yes"}, {"stop": 1}, {"stop": None}):
        assert change(server, task, wrong, "POST", "/stop").status == 400
    report(server, taskName="stoppable", status="complete")
    refused = change(server, task, {"stop": True}, "POST", "/stop")
    assert (refused.status, refused.json()["error"]["code"]) == (409, "conflict")


def test_metrics_with_and_without_a_name(server: Server):
    task = report(server, taskName="metrics", step=1, epoch=1, loss=2.0, accuracy=0.1, learningRate=0.1)
    report(server, taskName="metrics", step=2, currentEpoch=1, loss=1.0)
    post(server.url, b'{"taskName": "metrics", "step": 3, "loss": NaN}')
    rows = get(server.url, f"/api/training/{task}/metrics").json()
    assert [(row["step"], row["loss"], row["accuracy"]) for row in rows] == [
        (1, 2.0, 0.1),
        (2, 1.0, None),
        (3, None, None),
    ]
    curve = get(server.url, f"/api/training/{task}/metrics?name=loss").json()
    assert (curve["steps"], curve["values"], curve["flags"]) == ([1, 2, 3], [2.0, 1.0, None], {"3": "nan"})
    assert get(server.url, f"/api/training/{task}/metrics?name=loss&since=1").json()["steps"] == [2, 3]
    assert get(server.url, f"/api/training/{task}/metrics?name=loss&from=2&to=2").json()["steps"] == [2]
    assert get(server.url, f"/api/training/{task}/metrics?name=no-such").json()["steps"] == []
    assert get(server.url, f"/api/training/{task}/metrics?name=loss&attempt=2").json()["steps"] == []


def test_a_task_is_exported_whole_as_csv_and_json(server: Server, task: int):
    with closing(http.client.HTTPConnection(*address_of(server.url), timeout=5)) as connection:
        connection.request("GET", f"/api/tasks/{task}/export?format=csv")
        answer = connection.getresponse()
        lines = answer.read().decode().splitlines()
        assert answer.headers["content-disposition"] == f'attachment; filename="trainwatch-task-{task}.csv"'
        assert answer.headers["content-type"].startswith("text/csv")
        connection.request("GET", f"/api/tasks/{task}/export?format=json")
        whole = json.loads(connection.getresponse().read())
    assert lines[0] == "attempt,name,step,epoch,value,flag,created_at"
    assert len(lines) == 51
    assert len(whole["points"]) == 50
    assert whole["task"]["id"] == task


def test_the_documentation_shows_every_route(server: Server):
    page = get(server.url, "/docs").body.decode()
    for method, path in operations(server):
        assert f"<b>{method}</b> <code>{path}</code>" in page


def test_the_openapi_document_holds_together(server: Server):
    document = described(server)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"]
    assert document["info"]["version"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            assert {"200", "4XX"} <= operation["responses"].keys()
            in_path = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert all(each["schema"].get("type") for each in operation["parameters"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert content["schema"]["type"] == "object"
                assert all(each.get("description") for each in content["schema"]["properties"].values())
    assert not unresolved(document, document)


def test_the_openapi_document_says_what_to_show(server: Server):
    document = described(server)
    schemes = document["components"]["securitySchemes"]
    assert {(each["type"], each.get("in"), each.get("scheme")) for each in schemes.values()} == {
        ("http", None, "bearer"),
        ("apiKey", "header", None),
        ("apiKey", "cookie", None),
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            right, shown = operation["description"].split("`")[1], operation["security"]
            assert (shown == []) is (right == "enter")
            assert ({} in shown) is (right in {"read", "ingest", "annotate", "simulate"})
            assert {name for each in shown for name in each} in (set(), set(schemes))


def unresolved(part: object, document: dict[str, Any]) -> list[str]:
    """Return the references that lead nowhere."""
    if isinstance(part, list):
        return [each for item in part for each in unresolved(item, document)]
    if not isinstance(part, dict):
        return []
    found = [each for value in part.values() for each in unresolved(value, document)]
    reference = part.get("$ref")
    if isinstance(reference, str):
        target: Any = document
        for name in reference.removeprefix("#/").split("/"):
            target = target.get(name, {}) if isinstance(target, dict) else {}
        found += [] if target else [reference]
    return found


def test_health_and_figures(server: Server, task: int):
    assert get(server.url, "/healthz").json()["ok"] is True
    families = {
        each.name: each for each in text_string_to_metric_families(get(server.url, "/metrics").body.decode())
    }
    by_status = {sample.labels["status"]: sample.value for sample in families["trainwatch_tasks"].samples}
    counts = get(server.url, "/api/tasks").json()["counts"]
    assert {status: by_status[status] for status in counts} == counts
    assert families["trainwatch_commits"].samples[0].value > 0
    assert families["trainwatch_write_failures"].samples[0].value == 0


def padded(size: int) -> bytes:
    """Return a report of exactly so many bytes."""
    empty = b'{"taskName": "large", "loss": 1, "extra": ""}'
    return empty[:-2] + b"x" * (size - len(empty)) + empty[-2:]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (padded(MIB), 200),
        (padded(MIB + 1), 413),
        (json.dumps({"taskName": "n" * 200, "loss": 1}).encode(), 200),
        (json.dumps({"taskName": "n" * 201, "loss": 1}).encode(), 413),
        (
            json.dumps({"taskName": "many", "metrics": {f"m{number}": 1 for number in range(256)}}).encode(),
            200,
        ),
        (
            json.dumps({"taskName": "many", "metrics": {f"m{number}": 1 for number in range(257)}}).encode(),
            413,
        ),
        (json.dumps({"taskName": "named", "metrics": {"m" * 200: 1}}).encode(), 200),
        (json.dumps({"taskName": "named", "metrics": {"m" * 201: 1}}).encode(), 413),
    ],
    ids=[
        "1 MiB",
        "1 MiB + 1",
        "name 200",
        "name 201",
        "256 metrics",
        "257 metrics",
        "metric 200",
        "metric 201",
    ],
)
def test_the_limits_are_just_what_they_say(server: Server, body: bytes, status: int):
    answer = post(server.url, body)
    assert answer.status in ({status} if status == 200 else {413, 422}), answer.body
    assert status == 200 or is_an_error(answer)


def test_a_body_that_is_too_long_is_refused_before_it_ends(server: Server):
    head = b"POST /hook HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (1 << 16, b"x" * (1 << 16))
    answer = say(server.url, head + chunk * 17)
    assert (answer.status, answer.json()["error"]["code"]) == (413, "too_large")


def test_what_strangers_may_send_is_short(server: Server):
    words = {"name": "x", "password": "\\u00e9" * 1_000, "padding": ""}
    for padding, status in ((8_000, 401), (16_000, 413)):
        body = json.dumps({**words, "padding": "x" * padding}).encode()
        assert post(server.url, body, "/api/sign-in").status == status


def test_a_compressed_body_is_refused_by_name(server: Server):
    body = gzip.compress(json.dumps({"taskName": "squeezed", "loss": 1}).encode())
    for answer in (post(server.url, body, content_encoding="gzip"), post(server.url, body)):
        assert is_an_error(answer)
        assert "gzip" in answer.json()["error"]["message"]
    assert get(server.url, "/api/tasks?q=squeezed").json()["total"] == 0


def test_times_are_iso_8601_in_utc(server: Server, task: int):
    row = get(server.url, f"/api/tasks/{task}").json()
    for name in ("createdAt", "startedAt", "lastUpdated"):
        assert row[name].endswith("Z")
        assert datetime.fromisoformat(row[name]).tzinfo is not None
