"""Which state a task is in after a report, and why."""

from datetime import datetime
from typing import NamedTuple

from trainwatch.domain.advance import Advance, Counts
from trainwatch.domain.attempt import GUESSED_END
from trainwatch.domain.report import Report
from trainwatch.domain.status import NEXT, Status
from trainwatch.domain.task import Happening, Task

_REASONS = {
    Status.COMPLETE: "finished",
    Status.FAILED: "reported as failed",
    Status.STOPPED: "reported as stopped",
}


class Standing(NamedTuple):
    """A state, the reason in words if it is an end, and since when."""

    status: Status
    reason: str | None
    started_at: datetime | None
    finished_at: datetime | None


def standing_after(
    task: Task, report: Report, counts: Counts, reached: Advance, *, now: datetime
) -> Standing:
    """Return the state of `task`, which has not ended, after `report`; one that may not follow is ignored."""
    before = task.training_status
    status = report.status or _implied(task, report, counts, reached)
    if status is before or status not in NEXT[before]:
        return Standing(before, None, task.started_at, None)
    if status.is_terminal:
        is_guess = reached.is_guess and report.status is None
        reason = GUESSED_END if is_guess else report.message or _REASONS[status]
        return Standing(status, reason, task.started_at, max(now, task.started_at or now))
    started_at = now if status is Status.RUNNING and task.started_at is None else task.started_at
    return Standing(status, None, started_at, None)


def turn(before: Status, after: Standing) -> Happening | None:
    """Return the line that the change of state is worth in the task's history."""
    status = after.status
    if status is before or status is Status.QUEUED:
        return None
    if status is Status.RUNNING:
        kind = "resumed" if before is Status.PAUSED else "started"
        return Happening(kind, kind)
    return Happening(status.value, after.reason or status.value)


def _implied(task: Task, report: Report, counts: Counts, reached: Advance) -> Status:
    """Return the state that a report without one means."""
    if reached.is_done:
        return Status.COMPLETE
    before = task.training_status
    if report.starts or (before is Status.QUEUED and report.has_training_fields):
        return Status.RUNNING
    if before is Status.PAUSED and _has_moved(task, counts, reached):
        return Status.RUNNING
    return before


def _has_moved(task: Task, counts: Counts, reached: Advance) -> bool:
    now, before = (counts.epoch, counts.step), (task.current_epoch, task.current_step)
    return now != before or reached.progress != task.progress
