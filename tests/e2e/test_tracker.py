"""Trackers that write to a server: over the network, or by the data directory on which it runs."""

import contextlib
import resource
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import address_of, post
from tests.tracking.keepers import lines_of, program, until
from trainwatch.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    SettingsError,
    TrainwatchError,
    UnauthorizedError,
    UnavailableError,
)
from trainwatch.tracking import ProgressTracker, TaskProgress


@pytest.fixture(params=["url", "folder"])
def where(request: pytest.FixtureRequest, server: Server) -> str | Path:
    """The server by its address, and by the folder on which it runs."""
    return server.url if request.param == "url" else server.data_dir


def found(tracker: ProgressTracker, task_id: str) -> TaskProgress:
    progress = tracker.get_progress(task_id)
    assert progress is not None
    return progress


def edits(progress: TaskProgress) -> list[str]:
    return [event.message for event in progress.events if event.event_type == "action"]


def test_a_whole_life_can_be_read_by_another_tracker(where: str | Path, server: Server):
    name = f"life/of {where} ü"[:200]
    heard: list[TaskProgress] = []
    with ProgressTracker(where) as tracker:
        tracker.add_listener(heard.append)
        tracker.start_task(
            name, "claude", criteria=["one", "two"], max_cost=2.0, max_seconds=60, title="Life"
        )
        tracker.update_iteration(name, 2)
        tracker.log_action(name, "write", "a.py", True)
        tracker.begin_action(name, "run", "pytest")
        tracker.log_error(name, "oh")
        tracker.update_cost(name, 0.5)
        last = tracker.verify_criterion(name, 1)
        with ProgressTracker(server.url) as other:
            seen = found(other, name)
            assert name in [each.task_id for each in other.get_all_active()]
            assert [each for each in other.get_all_active() if each.task_id == name] == [last]
        assert seen == last
        assert found(tracker, name) == last
        tracker.complete_task(name, True, "done")
        assert len(heard) == 8
    with ProgressTracker(where) as tracker:
        progress = found(tracker, name)
        assert (progress.status, progress.summary, len(progress.events)) == ("complete", "done", 5)
        with pytest.raises(ConflictError):
            tracker.update_iteration(name, 3)
        with pytest.raises(NotFoundError):
            tracker.update_iteration("unknown", 3)
        assert tracker.get_progress("unknown") is None


def test_a_program_that_starts_anew_goes_on_where_it_was(where: str | Path):
    name = f"again {where}"[:200]
    with ProgressTracker(where) as tracker:
        tracker.start_task(name, "claude", 2)
        tracker.verify_criterion(name, 0)
    with ProgressTracker(where) as tracker:
        assert tracker.verify_criterion(name, 1).progress_percent == 100.0
        assert len(found(tracker, name).events) == 3


def tell(server: Server, *changes: dict[str, Any]) -> dict[str, Any]:
    """Change tasks as a program in another language would."""
    answer = post(server.url, {"changes": changes}, "/api/progress")
    assert answer.status == 200
    return answer.json()


def test_a_log_of_thousands_of_events_is_read_whole(server: Server):
    with ProgressTracker(server.url) as tracker:
        tracker.start_task("long log", "claude", 1)
        for first in range(0, 2_500, 500):
            tell(
                server,
                *(
                    {"taskId": "long log", "type": "error", "error": str(n)}
                    for n in range(first, first + 500)
                ),
            )
        messages = [event.message for event in found(tracker, "long log").events]
        assert messages == ["Task execution started", *(f"ERROR: {number}" for number in range(2_500))]
        tracker.complete_task("long log", True)


def test_the_stop_button_is_heard_also_between_changes(server: Server, where: str | Path):
    name = f"stop {where}"[:200]
    with ProgressTracker(where) as tracker:
        tracker.start_task(name, "claude", 1)
        assert tracker.should_stop(name) is False
        (told,) = tell(server, {"taskId": name, "type": "iteration", "iteration": 1})["tasks"]
        task = told["task"]
        assert post(server.url, {}, f"/api/tasks/{task}/stop").status == 200
        until(lambda: tracker.should_stop(name))
        tracker.complete_task(name, False, "told to stop")


def test_many_tasks_from_many_threads_are_all_there_once(where: str | Path):
    names = [f"many {number} {where}"[:200] for number in range(20)]
    heard: Counter[str] = Counter()

    def work(name: str) -> None:
        tracker.start_task(name, "claude", 1)
        for number in range(48):
            tracker.log_action(name, "edit", f"f{number}", True)
        tracker.complete_task(name, True)

    with ProgressTracker(where) as tracker:
        tracker.add_listener(lambda progress: heard.update([progress.task_id]))
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(work, names))
        assert heard == Counter(dict.fromkeys(names, 50))
        for name in names:
            assert edits(found(tracker, name)) == [f"✓ edit: f{number}" for number in range(48)]


def test_two_programs_track_on_one_folder_while_a_server_runs_there(server: Server):
    text = """
import sys
from trainwatch.tracking import ProgressTracker
with ProgressTracker(sys.argv[1]) as tracker:
    tracker.start_task("theirs", "other", 1)
    print("ready", flush=True)
    sys.stdin.readline()
    tracker.complete_task("theirs", True)
"""
    with program(text, server.data_dir) as other, ProgressTracker(server.data_dir) as tracker:
        assert next(lines_of(other)) == "ready"
        tracker.start_task("ours", "claude", 1)
        assert {"ours", "theirs"} <= {each.task_id for each in tracker.get_all_active()}
        assert other.stdin is not None
        other.stdin.write("go\n")
        other.stdin.flush()
        assert other.wait(30) == 0
        assert found(tracker, "theirs").status == "complete"
        tracker.complete_task("ours", True)


@pytest.mark.parametrize(
    "name", ["a/start", "runs/events", "runs/graph", "/x//y/", "..", "50% ?#&+", "\u2713 x"]
)
def test_any_text_names_a_task(server: Server, name: str):
    with ProgressTracker(server.url) as tracker:
        tracker.start_task(name, "claude", 1)
        tracker.verify_criterion(name, 0)
        assert tracker.should_stop(name) is False
        assert found(tracker, name).criteria_verified == 1
        assert name in [each.task_id for each in tracker.get_all_active()]
        tracker.complete_task(name, True)
        assert [event.event_type for event in found(tracker, name).events] == [
            "start",
            "progress",
            "complete",
        ]


def test_what_another_ended_is_refused_to_who_goes_on(server: Server):
    with ProgressTracker(server.url) as one, ProgressTracker(server.url) as other:
        one.start_task("contested", "one", 1)
        other.complete_task("contested", False, "no more")
        with pytest.raises(ConflictError):
            one.update_iteration("contested", 1)
        assert found(one, "contested").summary == "no more"


STEPS = """
import sys
from trainwatch.tracking import ProgressTracker
tracker = ProgressTracker(sys.argv[1])
tracker.start_task(sys.argv[2], "claude", 1)
number = 0
while True:
    tracker.log_action(sys.argv[2], "edit", f"f{number}", True)
    print(number, flush=True)
    number += 1
"""


def test_what_returned_survives_a_kill_of_the_program(where: str | Path):
    name = f"killed {where}"[:200]
    with program(STEPS, where, name) as tracking:
        printed = lines_of(tracking)
        last = [int(next(printed)) for _ in range(40)][-1]
        tracking.kill()
        last = max([last, *(int(line) for line in printed if line)])
    with ProgressTracker(where) as tracker:
        messages = edits(found(tracker, name))
    assert messages[: last + 1] == [f"✓ edit: f{number}" for number in range(last + 1)]
    assert len(messages) in (last + 1, last + 2)


@pytest.mark.parametrize("by", ["url", "folder"])
def test_a_server_that_is_killed_and_comes_back_misses_nothing(built_page: Path, tmp_path: Path, by: str):
    data_dir, port = tmp_path / "data", free_port()
    with (
        serving(data_dir, port=port) as server,
        ProgressTracker(server.url if by == "url" else data_dir) as tracker,
    ):
        tracker.start_task("t", "claude", 2)
        for number in range(10):
            tracker.log_action("t", "edit", f"f{number}", True)
        server.process.kill()
        server.process.wait()
        for number in range(10, 60):
            assert tracker.log_action("t", "edit", f"f{number}", True).files_modified[-1] == f"f{number}"
        tracker.start_task("u", "claude", 1)
        tracker.verify_criterion("u", 0)
        assert tracker.flush(0) is False
        assert edits(found(tracker, "t")) == [f"✓ edit: f{number}" for number in range(60)]
        assert [each.task_id for each in tracker.get_all_active()] == ["t", "u"]
        assert tracker.should_stop("t") is False
        moments = [event.timestamp for event in found(tracker, "t").events]
        with serving(data_dir, port=port):
            assert tracker.flush(30) is True
            tracker.log_action("t", "edit", "f60", True)
            with ProgressTracker(server.url) as other:
                progress = found(other, "t")
                assert edits(progress) == [f"✓ edit: f{number}" for number in range(61)]
                assert [event.timestamp for event in progress.events[:-1]] == moments
                assert progress.files_modified == [f"f{number}" for number in range(61)]
                assert found(other, "u").progress_percent == 100.0


def test_a_server_whose_disk_is_full_gets_it_later(built_page: Path, tmp_path: Path):
    with serving(tmp_path / "data") as server, ProgressTracker(server.url) as tracker:
        tracker.start_task("t", "claude", 1)
        pid, everything = server.process.pid, resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, everything))
        for number in range(30):
            tracker.log_action("t", "edit", f"f{number}", True)
        assert tracker.flush(0) is False
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (everything, everything))
        assert tracker.flush(30) is True
        assert edits(found(tracker, "t")) == [f"✓ edit: f{number}" for number in range(30)]


def test_who_starts_before_the_server_does_is_heard_in_the_end(built_page: Path, tmp_path: Path):
    port = free_port()
    with ProgressTracker(f"http://127.0.0.1:{port}") as tracker:
        assert tracker.start_task("t", "claude", 1).status == "in_progress"
        tracker.update_iteration("t", 1)
        with pytest.raises(UnavailableError, match="does not answer"):
            tracker.get_progress("never seen here")
        with serving(tmp_path / "data", port=port):
            assert tracker.flush(30) is True
            assert found(tracker, "t").iteration == 1


def key_of(data_dir: Path, scope: str) -> str:
    """Return a new key of that scope."""
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "trainwatch",
            "key",
            "create",
            "--label",
            scope,
            "--scope",
            scope,
            "--data-dir",
            str(data_dir),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.split()[-1]


def test_a_server_that_wants_a_key_gets_one(
    built_page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with serving(tmp_path / "data", "--require-sign-in") as server:
        with ProgressTracker(server.url) as tracker, pytest.raises(UnauthorizedError):
            tracker.start_task("t", "claude", 1)
        with ProgressTracker(server.url, key="tw_ingest_nonsense") as tracker:
            for call in (
                lambda: tracker.start_task("t", "claude", 1),
                lambda: tracker.get_progress("t"),
                tracker.get_all_active,
                lambda: tracker.should_stop("t"),
            ):
                with pytest.raises(UnauthorizedError, match=r"\w+ \w+"):
                    call()
        with ProgressTracker(server.url, key=key_of(server.data_dir, "read")) as tracker:
            with pytest.raises(ForbiddenError):
                tracker.start_task("t", "claude", 1)
            assert tracker.get_progress("t") is None
        with ProgressTracker(server.url, key=key_of(server.data_dir, "ingest")) as tracker:
            tracker.start_task("t", "claude", 1, max_iterations=1, stop_at_limit=True)
            assert tracker.should_stop("t") is False
            tracker.update_iteration("t", 1)
            assert (tracker.should_stop("t"), found(tracker, "t").iteration) == (True, 1)
            assert [each.task_id for each in tracker.get_all_active()] == ["t"]
        with ProgressTracker(server.url, key=f"  {key_of(server.data_dir, 'operate')}\n") as tracker:
            assert tracker.verify_criterion("t", 0).criteria_verified == 1
        with ProgressTracker(server.data_dir) as tracker:
            assert found(tracker, "t").criteria_verified == 1
        monkeypatch.setenv("TRAINWATCH_KEY", key_of(server.data_dir, "operate"))
        with ProgressTracker(server.url) as tracker:
            assert found(tracker, "t").criteria_verified == 1


@contextlib.contextmanager
def proxy(url: str, prefix: str) -> Iterator[str]:
    """Serve the server at `url` below `prefix`, as a proxy does; give the address of that."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {"Authorization": self.headers["Authorization"], "X-Forwarded-For": "192.0.2.1"}
            upstream = HTTPConnection(*address_of(url), timeout=10)
            upstream.request(self.command, self.path.removeprefix(prefix), body, headers)
            said = upstream.getresponse()
            content = said.read()
            upstream.close()
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def test_a_proxy_may_have_the_server_below_a_path(server: Server):
    key = key_of(server.data_dir, "operate")
    with proxy(server.url, "/watch/tw") as address:
        with ProgressTracker(f"{address}/watch/tw/", key=key) as tracker:
            tracker.start_task("by proxy/1", "claude", 1)
            tracker.verify_criterion("by proxy/1", 0)
            assert found(tracker, "by proxy/1").progress_percent == 100.0
            tracker.complete_task("by proxy/1", True)
        with (
            ProgressTracker(address, key=key) as tracker,
            pytest.raises(TrainwatchError, match="no TrainWatch server"),
        ):
            tracker.start_task("lost", "claude", 1)


@pytest.mark.parametrize("url", ["http://", "http://host:0", "https:///path"])
def test_what_is_no_address_is_said_at_once(url: str):
    with pytest.raises(SettingsError, match="address"):
        ProgressTracker(url)


def test_criteria_as_long_as_they_may_be_fit(server: Server):
    with ProgressTracker(server.url) as tracker:
        texts = [f"{number:04}" + "€" * 196 for number in range(1_000)]
        tracker.start_task("long", "claude", criteria=texts)
        assert [each.text for each in found(tracker, "long").criteria] == texts
        tracker.complete_task("long", True)
