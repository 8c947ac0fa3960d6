"""Take in reports: find or make the task each is about, and apply it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trainwatch.domain.apply import apply, open_task
from trainwatch.domain.report import Note, Report
from trainwatch.domain.runs import joined
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.turn import as_of_a_job, is_job
from trainwatch.errors import ConflictError, InvalidReportError, NotFoundError, TrainwatchError
from trainwatch.services.notices import notice_of
from trainwatch.services.repeats import is_about_a_task, keep_receipt, receipt_of
from trainwatch.store.gpus import Gpu
from trainwatch.store.receipts import Receipt
from trainwatch.store.tasks import LARGEST_ID
from trainwatch.store.work import Work


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reporter is told: the task (None for a notification) and whether it should stop."""

    task_id: int | None = None
    stop: bool = False
    notification_id: int | None = None


Parsed = Report | Note | TrainwatchError
"""A part of a batch: what it says, or why it cannot be understood."""

Outcome = Answer | TrainwatchError
"""What became of a part of a batch."""


def ingest(work: Work, report: Report | Note) -> Answer:
    """Apply `report` once; a repeat of its event id changes nothing and gets the answer of the first.

    Raises:
        InvalidReportError: If it says how a training goes, but not of which task.
        NotFoundError: If it names a task that is not there.
        ConflictError: If it is of an attempt of a job that is not the present one, or if it names two tasks.
    """
    about = _NOTHING if isinstance(report, Note) else _find(work, report)
    event_id = report.event_id
    if event_id is None:
        return _take_in(work, report, about)
    receipt = receipt_of(work, report, event_id, about.task)
    if receipt is not None:
        return _repeat(work, receipt)
    answer = _take_in(work, report, about)
    keep_receipt(work, report, event_id, task_id=answer.task_id, notification_id=answer.notification_id)
    return answer


def ingest_all(work: Work, reports: Sequence[Parsed]) -> list[Outcome]:
    """Apply what could be parsed of a batch, in order; return for each part its answer or its refusal."""
    outcomes: list[Outcome] = []
    for report, count in joined(reports):
        outcome: Outcome
        if isinstance(report, TrainwatchError):
            outcome = report
        else:
            try:
                outcome = ingest(work, report)
            except TrainwatchError as error:
                outcome = error
        outcomes.extend([outcome] * count)
    return outcomes


def _repeat(work: Work, receipt: Receipt) -> Answer:
    task = work.task(receipt.task_id) if receipt.task_id is not None else None
    stop = task is not None and task.stop_requested_at is not None
    return Answer(receipt.task_id, stop, receipt.notification_id)


class _About(NamedTuple):
    """What a report is about, as far as it is there already."""

    task: Task | None = None
    gpu: Gpu | None = None


_NOTHING = _About()


def _find(work: Work, report: Report) -> _About:
    """Return the task that `report` is about: by its id, else by run, else by name and GPU, else by GPU alone."""
    gpu = work.gpu(report.host, report.gpu_name) if report.gpu_name is not None else None
    if report.task_id is not None:
        task = _task(work, report.task_id)
    elif report.run_id is not None:
        task = work.task_of_run(report.run_id)
    elif report.name is not None:
        gpu_id = None if report.gpu_name is None else _NO_GPU if gpu is None else gpu.id
        task = _choose(work.tasks_named(report.name), gpu_id)
    elif gpu is not None and report.has_training_fields:
        task = work.live_task_on(gpu.id)
    else:
        task = None
    return _About(task, gpu)


def _task(work: Work, task_id: int) -> Task | None:
    return work.task(task_id) if 0 < task_id <= LARGEST_ID else None


_NO_GPU = 0
"""Stands for a GPU that nobody has told of yet, so no task is on it."""


def _choose(namesakes: list[Task], gpu_id: int | None) -> Task | None:
    """Return the latest of the tasks of one name that may be meant on that GPU (None: not said)."""
    if len(namesakes) == 1 and (gpu_id is None or namesakes[0].gpu_id in (gpu_id, None)):
        return namesakes[0]
    if gpu_id is not None:
        there = [task for task in namesakes if task.gpu_id == gpu_id]
        namesakes = there or [task for task in namesakes if task.gpu_id is None]
    return max(namesakes, key=lambda task: (task.last_updated, task.id), default=None)


def _take_in(work: Work, report: Report | Note, about: _About) -> Answer:
    if isinstance(report, Note):
        if report.task_id is not None and _task(work, report.task_id) is None:
            raise NotFoundError(f"there is no task {report.task_id}", field="taskId")
        told = work.notify(report.level, report.title, report.message, task_id=report.task_id)
        return Answer(notification_id=told)
    task = about.task
    if task is not None:
        report = _as_of(work, task, report)
    elif is_about_a_task(report):
        _check_new(report)
    gpu = about.gpu
    if report.gpu_name is not None and (gpu is None or report.gpu is not None):
        gpu = work.gpu_seen(report.host, report.gpu_name, report.gpu)
    if task is None and not is_about_a_task(report):
        return Answer()
    happenings, task = _advance(work, report, gpu, task)
    record(work, task, happenings)
    return Answer(task.id, task.stop_requested_at is not None)


def _as_of(work: Work, task: Task, report: Report) -> Report:
    """Return `report` as what may be said of `task`.

    Raises:
        ConflictError: If it may not be said.
    """
    if report.task_id is not None and report.run_id is not None:
        other = work.task_of_run(report.run_id)
        if other is not None and other.id != task.id:
            raise ConflictError(
                f"task {task.id} is not the run {report.run_id!r}, which is task {other.id}; name one of them",
                field="runId",
            )
    return as_of_a_job(task, report) if is_job(task) else report


def _check_new(report: Report) -> None:
    """Refuse a report that names no task that is there, and from which none can be made."""
    if report.task_id is not None:
        raise NotFoundError(f"there is no task {report.task_id}", field="taskId")
    if report.name is None and report.run_id is None and report.gpu_name is None:
        raise InvalidReportError(
            "say which task this is about: taskName, title, runId or gpuName", field="taskName"
        )


def _advance(
    work: Work, report: Report, gpu: Gpu | None, task: Task | None
) -> tuple[Sequence[Happening], Task]:
    gpu_id = gpu.id if gpu else None
    if task is None:
        task, happenings = open_task(report, id=0, gpu_id=gpu_id, now=work.now)
        task = work.create(task)
        attempt = task.attempt
    else:
        applied = apply(task, report, gpu_id=gpu_id, now=work.now)
        work.put(applied.task, ended=applied.ended)
        task, happenings, attempt = applied.task, applied.happenings, applied.points_attempt
    if report.points:
        work.add_points(task, attempt, report.points)
    for column in report.columns:
        work.add_column(task, attempt, column, report.current_epoch, report.at)
    return happenings, task


def record(work: Work, task: Task, happenings: Sequence[Happening]) -> None:
    """Keep what happened to `task` in its history, and tell people what is worth a toast."""
    for happening in happenings:
        work.remember(task, happening)
        notice = notice_of(task, happening)
        if notice is not None:
            work.notify(notice.level, notice.title, notice.message, task_id=task.id)
