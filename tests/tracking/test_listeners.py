"""Who listens hears of each change once, before the method returns, and is nobody's trouble."""

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tracking.keepers import PATIENCE_S
from trainwatch.tracking import ProgressTracker, TaskProgress


def test_each_change_is_heard_once_before_the_method_returns(tracker: ProgressTracker):
    heard: list[TaskProgress] = []
    tracker.add_listener(heard.append)
    tracker.start_task("t", "claude", 2)
    for number, change in enumerate(
        (
            lambda: tracker.update_iteration("t", 1),
            lambda: tracker.update_progress("t", 10),
            lambda: tracker.verify_criterion("t", 0),
            lambda: tracker.begin_action("t", "run", "x"),
            lambda: tracker.log_action("t", "run", "x", True),
            lambda: tracker.log_error("t", "oh"),
            lambda: tracker.update_cost("t", 1),
            lambda: tracker.complete_task("t", True),
        ),
        start=1,
    ):
        returned = change()
        assert len(heard) == number + 1
        assert heard[-1] == returned


def test_what_is_heard_is_durable_already(tmp_path: Path, tracker: ProgressTracker):
    seen: list[int] = []

    def count(progress: TaskProgress) -> None:
        with sqlite3.connect(tmp_path / "trainwatch.db") as database:
            seen.append(
                database.execute("SELECT count(*) FROM task_events WHERE details IS NOT NULL").fetchone()[0]
            )

    tracker.add_listener(count)
    tracker.start_task("t", "claude", 1)
    tracker.log_error("t", "oh")
    assert seen == [1, 2]


def test_one_that_raises_disturbs_nobody_and_is_logged(
    tracker: ProgressTracker, caplog: pytest.LogCaptureFixture
):
    heard: list[str] = []

    def raises(progress: TaskProgress) -> None:
        raise LookupError("mine")

    tracker.add_listener(lambda progress: heard.append("before"))
    tracker.add_listener(raises)
    tracker.add_listener(lambda progress: heard.append("after"))
    with caplog.at_level(logging.ERROR):
        assert tracker.start_task("t", "claude", 1).status == "in_progress"
    assert heard == ["before", "after"]
    assert "progress_listener_failed" in caplog.text
    assert "LookupError: mine" in caplog.text


def test_one_may_call_the_tracker(tracker: ProgressTracker):
    heard: list[tuple[int, bool]] = []

    def iterate(progress: TaskProgress) -> None:
        seen = tracker.get_progress("t")
        assert seen is not None
        heard.append((progress.iteration, tracker.should_stop("t")))
        if progress.iteration < 3:
            tracker.update_iteration("t", progress.iteration + 1)

    tracker.add_listener(iterate)
    tracker.start_task("t", "claude", 1)
    assert heard == [(0, False), (1, False), (2, False), (3, False)]
    assert [each.iteration for each in tracker.get_all_active()] == [3]


def test_one_may_remove_itself_and_others_while_it_is_called(tracker: ProgressTracker):
    heard: list[str] = []

    def once(progress: TaskProgress) -> None:
        heard.append("once")
        tracker.remove_listener(once)

    tracker.add_listener(once)
    tracker.add_listener(lambda progress: heard.append("always"))
    tracker.start_task("t", "claude", 1)
    tracker.update_iteration("t", 1)
    assert heard == ["once", "always", "always"]
    tracker.remove_listener(once)


def test_one_that_is_added_twice_is_there_once(tracker: ProgressTracker):
    heard: list[TaskProgress] = []
    add = heard.append
    tracker.add_listener(add)
    tracker.add_listener(add)
    tracker.start_task("t", "claude", 1)
    assert len(heard) == 1


def test_what_one_does_to_its_copy_no_other_sees(tracker: ProgressTracker):
    heard: list[TaskProgress] = []

    def spoil(progress: TaskProgress) -> None:
        progress.events.clear()
        progress.files_created.append("nonsense")

    tracker.add_listener(spoil)
    tracker.add_listener(heard.append)
    returned = tracker.start_task("t", "claude", 1)
    assert heard == [returned]
    assert (len(returned.events), returned.files_created) == (1, [])


def test_a_slow_one_holds_nobody_up_not_even_the_same_task(tracker: ProgressTracker):
    entered, leave = threading.Event(), threading.Event()

    def wait(progress: TaskProgress) -> None:
        if progress.iteration == 1:
            entered.set()
            assert leave.wait(PATIENCE_S)

    tracker.start_task("t", "claude", 1)
    tracker.add_listener(wait)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(tracker.update_iteration, "t", 1)
        assert entered.wait(PATIENCE_S)
        assert tracker.update_iteration("t", 2).iteration == 2
        assert tracker.start_task("other", "claude", 1).status == "in_progress"
        assert not slow.done()
        leave.set()
        assert slow.result(PATIENCE_S).iteration == 1


def test_many_from_many_threads_are_each_heard_once(tracker: ProgressTracker):
    heard: list[float] = []
    tracker.start_task("t", "claude")
    tracker.add_listener(lambda progress: heard.append(progress.cost_estimate))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda cost: tracker.update_cost("t", cost), range(200)))
    assert sorted(heard) == list(range(200))
