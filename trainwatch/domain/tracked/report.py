"""What a change of a tracked task means to the task: a report like any other."""

from datetime import datetime

from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import STOPPED_BY_HAND, Status, TaskType
from trainwatch.domain.text import first_line
from trainwatch.domain.tracked.change import Act, Change, Complete, Err, Iterate, Spend, Start, Verify
from trainwatch.domain.tracked.progress import COMPLETE, FAILED, IN_PROGRESS, TaskProgress

SOURCE = "tracker"

COST, CRITERIA, ITERATION = "cost", "criteria", "iteration"
"""The series of a tracked task; their steps are whole seconds since its start."""


def report_of(
    progress: TaskProgress, change: Change, *, attempt: int | None, asked_to_stop: bool, now: datetime
) -> Report:
    """Return what is to be reported of the task that stands so after `change`, which came at `now`.

    `attempt` is the one that it is about; None if it is the first report of all. If a person has `asked_to_stop` it,
    an end without success is no failure: an agent has no other word for obeying.
    """
    at = change.at or now
    is_stopped = asked_to_stop and progress.status == FAILED
    return Report(
        run_id=change.task_id,
        source=SOURCE,
        title=_title(change, attempt),
        attempt=attempt,
        type=TaskType.AGENT,
        status=Status.STOPPED if is_stopped else _status(progress),
        message=_message(progress, change, is_stopped=is_stopped),
        progress=Progress(progress.progress_percent / 100, "fraction"),
        current_step=progress.iteration,
        total_steps=progress.max_iterations,
        points=_points(progress, change, at),
        at=change.at,
    )


def _title(change: Change, attempt: int | None) -> str | None:
    said = change.title if isinstance(change, Start) else None
    return said or (change.task_id if attempt is None else None)


def _status(progress: TaskProgress) -> Status:
    if progress.is_ended:
        return Status.COMPLETE if progress.status == COMPLETE else Status.FAILED
    return Status.RUNNING  # said each time: all criteria verified is not yet the end


def _message(progress: TaskProgress, change: Change, *, is_stopped: bool) -> str | None:
    """Return the line that people read of the task; at its end it is the reason."""
    match change:
        case Act() if progress.action is not None and progress.status == IN_PROGRESS:
            return progress.action.text
        case Err(error=text) | Complete(summary=str(text)) if text.strip():
            return first_line(text)
        case Complete() if is_stopped:
            return STOPPED_BY_HAND
        case _:
            return None


def _points(progress: TaskProgress, change: Change, at: datetime) -> tuple[Point, ...]:
    """Return the points that `change` adds to the curves; those of a start let them begin at nothing."""
    match change:
        case Iterate():
            values = {ITERATION: float(progress.iteration)}
        case Verify():
            values = {CRITERIA: float(progress.criteria_verified)}
        case Spend():
            values = {COST: progress.cost_estimate}
        case Start():
            values = {ITERATION: 0.0}
            values |= {CRITERIA: 0.0} if progress.criteria_total else {}
            values |= {COST: 0.0} if progress.max_cost is not None else {}
        case _:
            return ()
    step = _seconds(progress, at)
    return tuple(Point(name, value, step, at=at) for name, value in values.items())


def _seconds(progress: TaskProgress, at: datetime) -> int:
    if progress.started_at is None:
        return 0
    return max(0, int((at - datetime.fromisoformat(progress.started_at)).total_seconds()))
