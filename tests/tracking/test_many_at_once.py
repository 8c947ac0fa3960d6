"""Fifty tasks, twenty threads, ten thousand events: none lost, none doubled."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trainwatch.tracking import ProgressTracker, TaskProgress

TASKS, THREADS, ACTIONS = 50, 20, 197
EVENTS = ACTIONS + 3
"""With the start, the criterion and the end."""


def work(tracker: ProgressTracker, task_id: str, thread: int) -> None:
    """Do what falls to one thread of the actions of a task."""
    for number in range(thread, ACTIONS, THREADS):
        tracker.log_action(task_id, "write", f"{task_id}/{number}", True)


def check(progress: TaskProgress | None) -> None:
    assert progress is not None
    assert len(progress.events) == EVENTS
    messages = Counter(event.message for event in progress.events)
    assert set(messages.values()) == {1}
    assert {f"✓ write: {progress.task_id}/{number}" for number in range(ACTIONS)} < set(messages)
    assert sorted(progress.files_created) == sorted(f"{progress.task_id}/{n}" for n in range(ACTIONS))
    assert [progress.events[0].event_type, progress.events[-1].event_type] == ["start", "complete"]
    assert (progress.status, progress.criteria_verified, progress.progress_percent) == ("complete", 1, 100.0)
    assert [event.timestamp for event in progress.events] == sorted(e.timestamp for e in progress.events)


@pytest.mark.slow
def test_ten_thousand_events_of_fifty_tasks_from_twenty_threads_are_all_there(tmp_path: Path):
    names = [f"task {number}" for number in range(TASKS)]
    heard: Counter[str] = Counter()
    with ProgressTracker(tmp_path) as tracker:
        tracker.add_listener(lambda progress: heard.update([progress.task_id]))
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda name: tracker.start_task(name, "claude", 1), names))
            jobs = [(name, thread) for thread in range(THREADS) for name in names]
            list(pool.map(lambda job: work(tracker, *job), jobs))
            list(pool.map(lambda name: tracker.verify_criterion(name, 0), names))
            list(pool.map(lambda name: tracker.complete_task(name, True), names))
        assert heard == Counter(dict.fromkeys(names, EVENTS))
        assert sum(heard.values()) == 10_000
        assert tracker.get_all_active() == []
        for name in names:
            check(tracker.get_progress(name))
    with ProgressTracker(tmp_path) as tracker:
        for name in names:
            check(tracker.get_progress(name))
