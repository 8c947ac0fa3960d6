"""What becomes of the times of a task when the clock that they were taken from turns out to be another's."""

from dataclasses import replace
from datetime import datetime, timedelta

from trainwatch.domain.pace import Pace
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.course import moment_text
from trainwatch.domain.tracked.progress import TaskProgress

_PAST = ("last_updated", "started_at", "finished_at", "start_requested_at", "stop_requested_at")
"""Those that something is counted from while a task has not ended; they move with the clock."""


def retimed(task: Task, by: timedelta, now: datetime) -> Task:
    """Return `task` after the clock was set by `by`, to `now`; by nothing where it was set while nobody looked.

    While it has not ended the times that durations are counted from move with the clock. Of all times, one in
    the future was taken from a clock that was ahead, and is moved as well, to now at the latest.
    """
    facts = {name: _moved(getattr(task, name), by, now, is_live=not task.is_ended) for name in _PAST}
    return task.replaced(
        **facts,
        created_at=_moved(task.created_at, by, now, is_live=False),
        archived_at=_moved(task.archived_at, by, now, is_live=False),
        stop_stage_ends_at=None if task.stop_stage_ends_at is None else task.stop_stage_ends_at + by,
        pace=task.pace if task.is_ended else _repaced(task.pace, by, now),
    )


def retimed_progress(progress: TaskProgress, by: timedelta, now: datetime) -> TaskProgress:
    """Return a tracked task that has not ended with its start, as `retimed` does."""
    action = progress.action
    if action is not None:
        action = replace(action, started_at=_moved_text(action.started_at, by, now))
    started_at = None if progress.started_at is None else _moved_text(progress.started_at, by, now)
    return replace(progress, started_at=started_at, action=action)


def moved_back(at: datetime, by: timedelta, now: datetime) -> datetime:
    """Return a time of what lives on after the clock was set by `by`, to `now` at the latest."""
    return min(at + by, now)


def _moved(at: datetime | None, by: timedelta, now: datetime, *, is_live: bool) -> datetime | None:
    if at is None:
        return None
    return min(at + by if is_live or at > now else at, now)


def _moved_text(at: str, by: timedelta, now: datetime) -> str:
    return moment_text(moved_back(datetime.fromisoformat(at), by, now))


def _repaced(pace: Pace, by: timedelta, now: datetime) -> Pace:
    if pace.fraction is None:
        return pace
    latest, seconds = now.timestamp(), by.total_seconds()
    return pace._replace(
        moved_s=min(pace.moved_s + seconds, latest), heard_s=min(pace.heard_s + seconds, latest)
    )
