"""A full disk and a sudden end: what returned while all was well is there, the rest comes as soon as it can."""

import resource
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.tracking.keepers import lines_of, program
from trainwatch.tracking import ProgressTracker

STEPS = """
import sys
from trainwatch.tracking import ProgressTracker
tracker = ProgressTracker(sys.argv[1])
tracker.start_task("t", "claude", 4)
print("ready", flush=True)
for line in sys.stdin:
    patience_s, *numbers = map(int, line.split())
    for number in numbers:
        tracker.log_action("t", "edit", f"f{number}", True)
    print(len(tracker.get_progress("t").events), tracker.flush(patience_s), flush=True)
print(tracker.flush(30), flush=True)
"""

FULL, ROOM = (0, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def say(process: "subprocess.Popen[str]", numbers: range, patience_s: int = 0) -> None:
    """Let it track, then tell whether everything is durable within `patience_s`."""
    assert process.stdin is not None
    process.stdin.write(" ".join(map(str, (patience_s, *numbers))) + "\n")
    process.stdin.flush()


def kept(path: Path) -> list[str]:
    """Return the messages in the file, in order."""
    with sqlite3.connect(path / "trainwatch.db") as database:
        query = "SELECT message FROM task_events WHERE details IS NOT NULL ORDER BY id"
        return [message for (message,) in database.execute(query)]


def edits(numbers: range) -> list[str]:
    return ["Task execution started", *(f"✓ edit: f{number}" for number in numbers)]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_what_a_full_disk_did_not_take_is_there_in_order_when_there_is_room_again(tmp_path: Path):
    with program(STEPS, tmp_path) as tracking:
        printed = lines_of(tracking)
        assert next(printed) == "ready"
        say(tracking, range(5))
        assert next(printed) == "6 True"
        resource.prlimit(tracking.pid, resource.RLIMIT_FSIZE, FULL)
        say(tracking, range(5, 40))
        assert next(printed) == "41 False"
        say(tracking, range(40, 50))
        assert next(printed) == "51 False"
        assert kept(tmp_path) == edits(range(5))
        resource.prlimit(tracking.pid, resource.RLIMIT_FSIZE, ROOM)
        say(tracking, range(0), patience_s=30)  # that it is in the file the tracker knows a moment later
        assert next(printed) == "51 True"
        assert kept(tmp_path) == edits(range(50))
        say(tracking, range(50, 52))
        assert next(printed) == "53 True"
    with ProgressTracker(tmp_path) as tracker:
        progress = tracker.get_progress("t")
        assert progress is not None
        assert [event.message for event in progress.events] == edits(range(52))
        assert progress.files_modified == [f"f{number}" for number in range(52)]
        moments = [event.timestamp for event in progress.events]
        assert moments == sorted(moments)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_who_ends_while_the_disk_is_full_waits_a_moment_for_room(tmp_path: Path):
    with program(STEPS, tmp_path) as tracking:
        printed = lines_of(tracking)
        assert next(printed) == "ready"
        resource.prlimit(tracking.pid, resource.RLIMIT_FSIZE, FULL)
        say(tracking, range(10))
        assert next(printed) == "11 False"
        assert tracking.stdin is not None
        tracking.stdin.close()
        resource.prlimit(tracking.pid, resource.RLIMIT_FSIZE, ROOM)
        assert next(printed) == "True"
        assert tracking.wait(30) == 0
    assert kept(tmp_path) == edits(range(10))


METHODS = """
import sys
from trainwatch.tracking import ProgressTracker
tracker = ProgressTracker(sys.argv[1])
for call in (
    lambda: tracker.start_task("t", "claude", 2, max_cost=5),
    lambda: tracker.update_iteration("t", 3),
    lambda: tracker.update_progress("t", 12.5),
    lambda: tracker.verify_criterion("t", 1),
    lambda: tracker.begin_action("t", "write", "a"),
    lambda: tracker.log_action("t", "write", "a", True),
    lambda: tracker.log_error("t", "oh"),
    lambda: tracker.update_cost("t", 1.5),
    lambda: tracker.complete_task("t", False, "no"),
):
    if not sys.stdin.readline():
        break
    call()
    print("returned", flush=True)
sys.stdin.read()
"""

SEEN = (
    lambda progress: progress.max_cost == 5,
    lambda progress: progress.iteration == 3,
    lambda progress: progress.progress_percent == 12.5,
    lambda progress: progress.criteria_verified == 1 and progress.progress_percent == 50,
    lambda progress: progress.action.text == "write: a" and not progress.action.is_done,
    lambda progress: progress.files_created == ["a"] and progress.action.success,
    lambda progress: progress.events[-1].message == "ERROR: oh",
    lambda progress: progress.cost_estimate == 1.5,
    lambda progress: (progress.status, progress.summary) == ("failed", "no"),
)


@pytest.mark.slow
@pytest.mark.parametrize("count", range(1, len(SEEN) + 1))
def test_what_returned_survives_a_kill(tmp_path: Path, count: int):
    with program(METHODS, tmp_path) as tracking:
        assert tracking.stdin is not None
        printed = lines_of(tracking)
        for _ in range(count):
            tracking.stdin.write("go\n")
            tracking.stdin.flush()
            assert next(printed) == "returned"
        tracking.kill()
        tracking.wait()
    with ProgressTracker(tmp_path) as tracker:
        progress = tracker.get_progress("t")
        assert SEEN[count - 1](progress)
