"""Reports reach a server in order, whatever it answers; nobody waits for it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from trainwatch.client.address import check_url
from trainwatch.client.hook import Hook, RefusedError, UnreachedError
from trainwatch.client.reporter import HEARTBEAT_S, Reporter

WITHIN_S = 10.0
Told = tuple[int, object, dict[str, str]]
TAKEN: Told = (200, {"ok": True, "taskId": 1, "stop": False}, {})


class Desk(ThreadingHTTPServer):
    """Answers reports as it is told: each with the next of `answers`, and then always as one that takes them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.reports: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answers: list[Told] = []
        self.came = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self.came:
            assert self.came.wait_for(lambda: len(self.reports) >= count, WITHIN_S)
            return list(self.reports)


class Clerk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        desk: Any = self.server
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with desk.came:
            status, content, headers = desk.answers.pop(0) if desk.answers else TAKEN
            desk.reports.append(report)
            desk.keys.append(self.headers["Authorization"])
            desk.came.notify_all()
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as desk:
        thread = threading.Thread(target=desk.serve_forever, args=(0.01,))
        thread.start()
        yield desk
        desk.shutdown()
        thread.join()


class Heard:
    """A reporter, and what it has called out."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.stops = threading.Event()
        self.refusals: list[str] = []
        self.absences: list[str] = []
        self.reporter = Reporter(
            Hook(url, key, patience_s=2.0),
            {"runId": "r"},
            on_stop=self.stops.set,
            on_refusal=self.refusals.append,
            on_absence=self.absences.append,
        )
        self.kept: list[list[dict[str, Any]]] = []
        self.reporter.start(self.kept.append)

    def finish(self, seconds: float = WITHIN_S) -> int:
        return self.reporter.finish(seconds, lambda: False)


def test_words_and_measurements_come_in_order(desk: Desk):
    heard = Heard(desk.url, "tw_key")
    heard.reporter.say(status="started")
    heard.reporter.measure({"currentStep": 1}, {"loss": 0.5}, 1)
    heard.reporter.say(status="complete")
    assert heard.finish() == 0
    assert desk.reports == [
        {"runId": "r", "eventId": "trainwatch-run-1", "status": "started"},
        {"runId": "r", "currentStep": 1, "series": {"loss": {"steps": [1], "values": [0.5]}}},
        {"runId": "r", "eventId": "trainwatch-run-3", "status": "complete"},
    ]
    assert set(desk.keys) == {"Bearer tw_key"}


def test_a_quiet_task_is_heard_of_each_second(desk: Desk):
    heard = Heard(desk.url)
    heard.reporter.say(status="started")
    assert desk.wait_for(3)[1:] == [{"runId": "r"}, {"runId": "r"}]
    assert HEARTBEAT_S <= 1
    heard.finish()


def test_somebody_who_wants_it_to_stop_is_heard_once(desk: Desk):
    desk.answers = [TAKEN, *3 * [(200, {"ok": True, "taskId": 1, "stop": True}, {})]]
    heard = Heard(desk.url)
    heard.reporter.say(status="started")
    assert heard.stops.wait(WITHIN_S)
    heard.stops.clear()
    desk.wait_for(4)
    assert not heard.stops.is_set()
    heard.finish()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(desk: Desk, status: int):
    desk.answers = [(status, b"wait", {}), (status, b"", {})]
    heard = Heard(desk.url)
    heard.reporter.say(status="started")
    assert heard.finish() == 0
    assert desk.reports == 3 * [{"runId": "r", "eventId": "trainwatch-run-1", "status": "started"}]


def test_what_waits_is_told_to_whoever_keeps_it_until_all_is_taken(desk: Desk):
    desk.answers = [(503, b"", {})]
    heard = Heard(desk.url)
    heard.reporter.measure({"currentStep": 1}, {"loss": 0.5}, 1)
    assert heard.finish() == 0
    (report,), nothing = heard.kept
    assert report.pop("timestamp") > 0
    series = {"loss": {"steps": [1], "values": [0.5]}}
    assert report == {"runId": "r", "eventId": "trainwatch-run-1", "currentStep": 1, "series": series}
    assert nothing == []


def test_a_report_that_is_refused_does_not_hold_up_the_others(desk: Desk):
    desk.answers = [(422, {"error": {"message": "step must be a number"}}, {})]
    heard = Heard(desk.url)
    heard.reporter.say(message="bad")
    heard.reporter.say(message="good")
    assert heard.finish() == 0
    assert [report["message"] for report in desk.reports] == ["bad", "good"]
    assert heard.refusals == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, {"error": {"message": "no key"}}, {}), "no key"),
        ((403, {"error": {"message": "not you"}}, {}), "not you"),
        ((404, b"<html>", {}), "there is no TrainWatch server (HTTP 404)"),
        ((301, b"", {"Location": "/"}), "there is no TrainWatch server (HTTP 301)"),
        ((200, b"<html>hello", {}), "there is no TrainWatch server (HTTP 200)"),
    ],
)
def test_a_server_that_will_never_take_any_is_left_in_peace(desk: Desk, answer, words: str):
    desk.answers = [answer]
    heard = Heard(desk.url)
    heard.reporter.say(status="started")
    assert heard.reporter.wait(WITHIN_S)
    heard.reporter.say(status="complete")
    assert heard.finish() == 0
    assert (len(desk.reports), heard.refusals) == (1, [words])


def test_a_key_with_a_line_end_in_it_is_no_header(desk: Desk):
    with pytest.raises(RefusedError, match="no key has"):
        Hook(desk.url, "tw\r\nX-Evil: 1").post({})
    hook = Hook(desk.url, " tw_key\n")
    hook.post({})
    hook.close()
    assert desk.keys == ["Bearer tw_key"]


def test_a_connection_that_the_server_has_closed_is_opened_again(desk: Desk):
    desk.answers = [(200, TAKEN[1], {"Connection": "close"})]
    hook = Hook(desk.url)
    assert [hook.post({}), hook.post({})] == [(1, False), (1, False)]
    hook.close()


def test_nobody_there_is_said_once():
    heard = Heard("http://127.0.0.1:1")
    heard.reporter.say(status="started")
    heard.reporter.say(status="complete")
    assert heard.finish() == 2
    assert len(heard.absences) == 1
    with pytest.raises(UnreachedError):
        Hook("http://127.0.0.1:1").post({})


@pytest.mark.parametrize("url", ["http://localhost:62222", "https://monitor", "http://[::1]:8080/base"])
def test_an_address_of_a_server_passes(url: str):
    check_url(url)


@pytest.mark.parametrize(
    "url", ["localhost:62222", "ftp://x", "http://", "http://x:0", "http://x:70000", "http://[::1"]
)
def test_anything_else_does_not(url: str):
    with pytest.raises(ValueError, match=r"no address|Port|Invalid"):
        check_url(url)
