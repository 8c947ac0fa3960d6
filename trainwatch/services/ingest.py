"""Take in reports: find or make the task each is about, and apply it."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainwatch.domain.apply import apply, open_task
from trainwatch.domain.report import Note, Report
from trainwatch.domain.runs import joined
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.turn import as_of_a_job, is_job
from trainwatch.errors import InvalidReportError, NotFoundError, TrainwatchError
from trainwatch.services.notices import notice_of
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
        ConflictError: If it is of an attempt of a job that is not the present one.
    """
    event_id = report.event_id
    if event_id is None:
        return _take_in(work, report)
    receipt = work.receipt(event_id)
    if receipt is not None:
        return _repeat(work, receipt)
    answer = _take_in(work, report)
    work.keep_receipt(event_id, answer.task_id, answer.notification_id)
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


def _take_in(work: Work, report: Report | Note) -> Answer:
    if isinstance(report, Note):
        task_id = None if report.task_id is None else _known(work, report.task_id).id
        told = work.notify(report.level, report.title, report.message, task_id=task_id)
        return Answer(notification_id=told)
    gpu = work.gpu_seen(report.host, report.gpu_name, report.gpu) if report.gpu_name else None
    task = _find(work, report, gpu)
    if task is None and not _names_a_task(report):
        return Answer()
    happenings, task = _advance(work, report, gpu, task)
    record(work, task, happenings)
    return Answer(task.id, task.stop_requested_at is not None)


def _names_a_task(report: Report) -> bool:
    """Whether a task that is not there yet should be made; a mere reading of a GPU makes none."""
    if report.name is not None or report.run_id is not None:
        return True
    if not report.has_training_fields:
        return False
    if report.gpu_name is None:
        raise InvalidReportError(
            "say which task this is about: taskName, title, runId or gpuName", field="taskName"
        )
    return True


def _find(work: Work, report: Report, gpu: Gpu | None) -> Task | None:
    """Return the task that `report` is about: by its id, else by run, else by name and GPU, else by GPU alone.

    Raises:
        NotFoundError: If it names a task that is not there.
    """
    if report.task_id is not None:
        return _known(work, report.task_id)
    if report.run_id is not None:
        return work.task_of_run(report.run_id)
    if report.name is not None:
        return _choose(work.tasks_named(report.name), gpu)
    if gpu is not None and report.has_training_fields:
        return work.live_task_on(gpu.id)
    return None


def _known(work: Work, task_id: int) -> Task:
    task = work.task(task_id) if 0 < task_id <= LARGEST_ID else None
    if task is None:
        raise NotFoundError(f"there is no task {task_id}", field="taskId")
    return task


def _choose(namesakes: list[Task], gpu: Gpu | None) -> Task | None:
    """Return the latest of the tasks of one name that may be meant on `gpu` (None: not said)."""
    if len(namesakes) == 1 and (gpu is None or namesakes[0].gpu_id in (gpu.id, None)):
        return namesakes[0]
    if gpu is not None:
        there = [task for task in namesakes if task.gpu_id == gpu.id]
        namesakes = there or [task for task in namesakes if task.gpu_id is None]
    return max(namesakes, key=lambda task: (task.last_updated, task.id), default=None)


def _advance(
    work: Work, report: Report, gpu: Gpu | None, task: Task | None
) -> tuple[Sequence[Happening], Task]:
    gpu_id = gpu.id if gpu else None
    if task is None:
        task, happenings = open_task(report, id=0, gpu_id=gpu_id, now=work.now)
        task = work.create(task)
        attempt = task.attempt
    else:
        if is_job(task):
            report = as_of_a_job(task, report)
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
