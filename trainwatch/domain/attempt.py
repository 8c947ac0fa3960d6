"""Which attempt of a task a report is about, and how a new one begins."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from trainwatch.domain.liveness import Liveness, liveness
from trainwatch.domain.pace import Pace
from trainwatch.domain.progress import resolve
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status
from trainwatch.domain.task import Happening, Task
from trainwatch.errors import ConflictError

GUESSED_END = "finished, judging by progress 1"
"""The reason of an end that was read from a bare 1: percentages in a later report undo it."""

LARGEST_ATTEMPT = 2**31 - 1
"""The largest number of an attempt: every database keeps it."""

_NEW_RUN = "a new run began under the same name"


class Place(Enum):
    """Where a report belongs."""

    CURRENT = auto()
    """The attempt that goes on."""
    REVIVED = auto()
    """The attempt whose end was a wrong guess."""
    NEXT = auto()
    """An attempt that begins with this report."""
    LATE = auto()
    """The newest attempt, which has ended: its state stands."""
    OLD = auto()
    """An attempt before the newest: nothing of the task changes."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The facts of an attempt that no longer is the task's newest."""

    attempt: int
    status: Status
    reason: str | None
    progress: float | None
    started_at: datetime | None
    finished_at: datetime | None


def place_of(task: Task, report: Report, *, now: datetime) -> Place:
    """Return where `report` belongs in the life of `task`."""
    if report.attempt is not None and report.attempt != task.attempt:
        return Place.NEXT if report.attempt > task.attempt else Place.OLD
    if not task.is_ended:
        return Place.NEXT if report.starts and _is_abandoned(task, report, now) else Place.CURRENT
    if _undoes_end(task, report):
        return Place.REVIVED
    return Place.NEXT if report.attempt is None and _begins(task, report) else Place.LATE


def attempt_after(task: Task) -> int:
    """Return the number of the attempt after the present one.

    Raises:
        ConflictError: If there is none.
    """
    if task.attempt >= LARGEST_ATTEMPT:
        raise ConflictError(
            f"the task is at attempt {task.attempt}, after which there is none", field="attempt"
        )
    return task.attempt + 1


def begin(task: Task, attempt: int, *, now: datetime) -> Task:
    """Return `task` at the start of `attempt`: queued, not archived, with nothing known of how far it is.

    Whether its reporter counts in percent and how often it reports stay known.
    """
    return task.replaced(
        attempt=attempt,
        training_status=Status.QUEUED,
        status_reason=None,
        progress=None,
        current_epoch=None,
        total_epochs=None,
        current_step=None,
        total_steps=None,
        eta_seconds=None,
        message=None,
        started_at=None,
        finished_at=None,
        start_requested_at=None,
        stop_requested_at=None,
        stop_stage=None,
        stop_stage_ends_at=None,
        archived_at=None,
        last_updated=now,
        latest={},
        pace=Pace(),
    )


def begin_next(
    task: Task, report: Report, happenings: list[Happening], *, now: datetime
) -> tuple[Task, Ended]:
    """Return `task` at the start of the attempt that `report` opens, and how the one before it ended.

    Raises:
        ConflictError: If there can be no further attempt.
    """
    status, reason, finished_at = task.training_status, task.status_reason, task.finished_at
    if not status.is_terminal:
        status, reason, finished_at = Status.STOPPED, _NEW_RUN, now
        happenings.append(Happening("stopped", _NEW_RUN))
    ended = Ended(task.attempt, status, reason, task.progress, task.started_at, finished_at)
    if task.archived_at is not None:
        happenings.append(Happening("brought_back", "brought back by a new attempt"))
    attempt = attempt_after(task) if report.attempt is None else report.attempt
    happenings.append(Happening("attempt", f"attempt {attempt} began"))
    return begin(task, attempt, now=now), ended


def revive(task: Task, happenings: list[Happening]) -> Task:
    """Return `task` with its wrongly guessed end undone: its progress of 1 meant 1 %."""
    happenings.append(Happening("resumed", "not finished: progress 1 meant 1 %"))
    return task.replaced(training_status=Status.RUNNING, status_reason=None, finished_at=None)


def _undoes_end(task: Task, report: Report) -> bool:
    if task.status_reason != GUESSED_END or report.progress is None or report.starts:
        return False
    return report.progress.unit == "percent" and report.progress.value < 1


def _begins(task: Task, report: Report) -> bool:
    if report.starts or report.status is Status.RUNNING or report.status is Status.QUEUED:
        return True
    if report.status is not None and report.status.is_terminal:
        return False  # told twice that it ended
    if (
        report.progress is not None
        and resolve(report.progress, in_percent=task.progress_in_percent, share=None) == 1
    ):
        return False
    return _is_first(report.current_step) or _is_first(report.current_epoch)


def _is_abandoned(task: Task, report: Report, now: datetime) -> bool:
    """Whether a running task has been quiet for so long that a start is that of another run."""
    if report.attempt is not None or liveness(task, now=now) not in (Liveness.SILENT, Liveness.LOST):
        return False
    goes_on = (report.current_step or 0) > 1 or (report.current_epoch or 0) > 1
    return not goes_on and (report.progress is None or report.progress.value == 0)


def _is_first(count: int | None) -> bool:
    return count is not None and count <= 1
