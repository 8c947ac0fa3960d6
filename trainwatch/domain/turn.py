"""When a job waits for its turn: how a start is asked for, and taken back."""

from dataclasses import replace
from datetime import datetime

from trainwatch.domain.attempt import Ended, attempt_after, begin
from trainwatch.domain.job import Runner
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status
from trainwatch.domain.task import Happening, Task
from trainwatch.errors import ConflictError

_RUNNERS = frozenset(Runner)


def is_job(task: Task) -> bool:
    """Whether TrainWatch itself can start and stop the task."""
    return task.source in _RUNNERS


def is_waiting(task: Task) -> bool:
    """Whether the job was asked to start and has not started yet."""
    return task.start_requested_at is not None and task.training_status is Status.QUEUED


def request_start(task: Task, *, now: datetime) -> tuple[Task, list[Happening], Ended | None]:
    """Return the job waiting for its turn; one that has ended waits with a new attempt, and how the old one ended.

    Asking again changes nothing.

    Raises:
        ConflictError: If it runs already, or there can be no further attempt.
    """
    if is_waiting(task):
        return task, [], None
    if task.training_status is Status.QUEUED:
        happening = Happening("start_requested", "asked to start")
        return task.replaced(start_requested_at=now, stop_requested_at=None), [happening], None
    if not task.is_ended:
        raise ConflictError("the job runs already")
    ended = Ended(
        task.attempt,
        task.training_status,
        task.status_reason,
        task.progress,
        task.started_at,
        task.finished_at,
    )
    attempt = attempt_after(task)
    waiting = begin(task, attempt, now=now).replaced(start_requested_at=now)
    return waiting, [Happening("start_requested", f"asked to start attempt {attempt}")], ended


def withdraw_start(task: Task) -> tuple[Task, list[Happening]]:
    """Return the job as one that nobody has asked to start; only one that waits is changed."""
    if not is_waiting(task):
        return task, []
    return task.replaced(start_requested_at=None), [Happening("start_withdrawn", "start taken back")]


def as_of_a_job(task: Task, report: Report) -> Report:
    """Return what a job's own script reports as far as it is for the script to say.

    Whether the job starts or ends is for its runner alone, who knows.

    Raises:
        ConflictError: If the report is of another attempt than the present one.
    """
    if report.attempt not in (None, task.attempt):
        raise ConflictError(
            f"this is attempt {report.attempt}, but the job is at attempt {task.attempt}", field="attempt"
        )
    status = None if task.is_ended else task.training_status
    return replace(report, attempt=task.attempt, status=status, starts=False)
