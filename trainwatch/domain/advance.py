"""How far a task is after a report: epochs, steps, progress, and the time that is left."""

from datetime import datetime
from typing import NamedTuple

from trainwatch.domain.pace import Pace
from trainwatch.domain.progress import resolve
from trainwatch.domain.report import Report
from trainwatch.domain.task import Task

_ONE_PERCENT = 0.01


class Counts(NamedTuple):
    """Epochs and steps; `is_behind` if the report tells of an earlier moment than the task knows."""

    epoch: int | None
    total_epochs: int | None
    step: int | None
    total_steps: int | None
    is_behind: bool


class Advance(NamedTuple):
    """Progress after a report, and whether the report itself says that all is done.

    `is_guess` tells that it said so by a bare 1 and nothing else.
    """

    progress: float | None
    in_percent: bool | None
    is_done: bool = False
    is_guess: bool = False


def count(task: Task, report: Report) -> Counts:
    """Return the epochs and steps after `report`: never back to an earlier epoch, nor step of an epoch."""
    is_behind = _is_behind(task, report)
    epoch, step = report.current_epoch, report.current_step
    return Counts(
        task.current_epoch if epoch is None or (is_behind and task.current_epoch is not None) else epoch,
        task.total_epochs if report.total_epochs is None else report.total_epochs,
        task.current_step if step is None or (is_behind and task.current_step is not None) else step,
        task.total_steps if report.total_steps is None else report.total_steps,
        is_behind,
    )


def advance(task: Task, report: Report, counts: Counts) -> Advance:
    """Return the progress after `report`: what it says, else what its epochs and steps mean; never less."""
    if report.progress is None:
        derived = _derived(report, counts)
        return Advance(_larger(task.progress, derived), task.progress_in_percent)
    unit, before = report.progress.unit, task.progress
    if unit != "unclear":
        in_percent = unit == "percent"
        value = report.progress.value
        if in_percent and before == 1 and not task.progress_in_percent:
            before = _ONE_PERCENT  # now that it counts in percent, the 1 before this meant 1 %
        return Advance(_larger(before, value), in_percent, value == 1)
    share = _share(report, counts)
    value = resolve(report.progress, in_percent=task.progress_in_percent, share=share)
    is_guess = value == 1 and share is None and task.progress_in_percent is None
    return Advance(_larger(before, value), task.progress_in_percent, value == 1, is_guess)


def seconds_left(
    task: Task, report: Report, counts: Counts, progress: float | None, now: datetime
) -> tuple[Pace, float | None]:
    """Return the pace and the ETA after `report`: the one that is sent, else from the pace.

    A reporter that sends ETAs is believed between them too, as long as its progress stands.
    """
    if report.eta_seconds is not None and not counts.is_behind:
        return Pace(), report.eta_seconds
    pace, eta = task.pace, None
    if progress is not None and (progress != task.progress or pace.fraction is not None):
        pace = pace.observe(progress, now.timestamp())
        eta = pace.eta_seconds(progress)
    if eta is None and task.eta_seconds is not None:
        eta = max(0.0, task.eta_seconds - max(0.0, (now - task.last_updated).total_seconds()))
    return pace, eta


def rested(pace: Pace, now: datetime) -> Pace:
    """Return `pace` after a pause that ends now."""
    return pace.rested(now.timestamp())


def _is_behind(task: Task, report: Report) -> bool:
    epoch, step = report.current_epoch, report.current_step
    if epoch is not None and task.current_epoch is not None and epoch != task.current_epoch:
        return epoch < task.current_epoch
    return step is not None and task.current_step is not None and step < task.current_step


def _derived(report: Report, counts: Counts) -> float | None:
    """Return the progress that epochs and steps mean, of which the report must say one.

    Steps are finer; but where they contradict the epochs, they are counted anew in each epoch.
    """
    if report.current_step is None and report.current_epoch is None:
        return None
    by_epoch = _quotient(counts.epoch, counts.total_epochs)
    by_step = _quotient(counts.step, counts.total_steps)
    if by_step is None or by_epoch is None or counts.total_epochs is None:
        return by_epoch if by_step is None else by_step
    return by_step if abs(by_step - by_epoch) <= 1.01 / counts.total_epochs else by_epoch


def _share(report: Report, counts: Counts) -> float | None:
    """Return how much of its epochs or steps the report says are done: the least, if both are said."""
    by_epoch = _quotient(report.current_epoch, counts.total_epochs)
    by_step = _quotient(report.current_step, counts.total_steps)
    if by_epoch is None or by_step is None:
        return by_step if by_epoch is None else by_epoch
    return min(by_epoch, by_step)


def _quotient(done: int | None, total: int | None) -> float | None:
    return min(1.0, done / total) if done is not None and total else None


def _larger(before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return before if after is None else after
    return max(before, after)
