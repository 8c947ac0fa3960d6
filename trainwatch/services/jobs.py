"""Jobs: made, started, stopped by people; and what their runners observe, applied like any report."""

from datetime import datetime

from trainwatch.domain.apply import apply
from trainwatch.domain.audit import SERVER, Actor
from trainwatch.domain.edit import request_stop
from trainwatch.domain.job import OFFERED, JobSpec
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.turn import is_waiting, request_start, withdraw_start
from trainwatch.errors import ConflictError, NotFoundError
from trainwatch.services.ingest import record
from trainwatch.services.keys import take_job_key
from trainwatch.store.tasks import LARGEST_ID
from trainwatch.store.work import Work


def create_job(work: Work, actor: Actor, spec: JobSpec) -> Task:
    """Make a job that waits for somebody to start it, and return it as a task."""
    task = work.create(
        Task(
            id=0,
            title=spec.name,
            title_by_user=True,
            source=spec.runner.value,
            training_status=Status.QUEUED,
            total_epochs=spec.epochs,
            total_steps=spec.known_steps,
            created_at=work.now,
            last_updated=work.now,
        )
    )
    work.add_job(task, spec)
    work.remember(task, Happening("created", f"made by {actor.name}"))
    work.audit(actor, "made job", _name(task))
    return task


def start_job(work: Work, actor: Actor, task_id: int) -> Task:
    """Let a job wait for its turn, with a new attempt if it has run before, and return it.

    Raises:
        NotFoundError: If there is no such job.
        ConflictError: If it runs already, or nothing here could ever run it.
    """
    before, spec = job_of(work, task_id)
    if spec.runner not in OFFERED:
        raise ConflictError(f"nothing runs jobs of the runner {spec.runner} yet, so it would wait for ever")
    task, happenings, ended = request_start(before, now=work.now)
    if not happenings:
        return before
    if ended is not None:
        task = task.replaced(total_epochs=spec.epochs, total_steps=spec.known_steps)
    work.put(task, ended=ended)
    _remember(work, task, happenings)
    work.audit(actor, "started job", f"{_name(task)}, attempt {task.attempt}")
    return task


def stop_job(work: Work, actor: Actor, task_id: int, over: str | None = None) -> Task:
    """Take the start of a job back, or note who asks the runner of a running one to stop it, and return it.

    The runner has to be told besides: see `Dispatcher.stop`. Each time somebody asks is in the audit log;
    `over` is the stage of stopping for which they cannot wait.

    Raises:
        NotFoundError: If there is no such job.
        ConflictError: If it has ended, or nobody has asked it to start.
    """
    before, _ = job_of(work, task_id)
    if is_waiting(before):
        task, happenings = withdraw_start(before)
    else:
        task, happenings = request_stop(before, stop=True, now=work.now)
        _note_asker(work, actor, task)
    if happenings:
        work.put(task)
        _remember(work, task, happenings)
    work.audit(actor, "stopped job", f"{_name(task)}, attempt {task.attempt}{_impatience(over)}")
    return task


def note_stop(
    work: Work, actor: Actor, task_id: int, *, attempt: int, over: str | None, at: datetime
) -> None:
    """Note that an attempt was asked to stop at `at`, whatever has become of it since."""
    task = work.task(task_id)
    if task is not None and task.attempt == attempt and not task.is_ended:
        task, happenings = request_stop(task, stop=True, now=at)
        _note_asker(work, actor, task)
        if happenings:
            work.put(task)
            _remember(work, task, happenings)
    name = f"job {task_id}" if task is None else _name(task)
    work.audit(actor, "stopped job", f"{name}, attempt {attempt}{_impatience(over)}", at=at)


def begin_attempt(work: Work, task_id: int) -> Task | None:
    """Let a waiting job run, if it still waits, and return it."""
    task = work.task(task_id)
    if task is None or not is_waiting(task):
        return None
    observe(work, task_id, Report(attempt=task.attempt, status=Status.RUNNING))
    task = work.task(task_id)
    assert task is not None
    task = task.replaced(start_requested_at=None)
    work.put(task)
    return task


def observe(work: Work, task_id: int, report: Report) -> Task | None:
    """Apply what a runner observed of one attempt; nothing if the task is gone."""
    task = work.task(task_id)
    if task is None:
        return None
    applied = apply(task, report, now=work.now)
    work.put(applied.task, ended=applied.ended)
    if report.points:
        work.add_points(applied.task, applied.points_attempt, report.points)
    record(work, applied.task, applied.happenings)
    return applied.task


def note_stage(work: Work, task_id: int, stage: str, ends_at: datetime | None) -> None:
    """Note how far a job that is being stopped has come; nothing if the task is gone."""
    task = work.task(task_id)
    if task is not None and not task.is_ended:
        work.put(task.replaced(stop_stage=stage, stop_stage_ends_at=ends_at))


def note_rules(work: Work, task_id: int, attempt: int, rules: tuple[str, ...]) -> None:
    """Note by which rules that which an attempt prints is understood; nothing if the task is gone."""
    task = work.task(task_id)
    if task is not None and task.attempt == attempt:
        work.note_attempt(task, rules=",".join(rules))


def note_kill(work: Work, task_id: int, end: Report) -> None:
    """Let the audit log say that the stop of an attempt took force; nothing if the task is gone."""
    task = work.task(task_id)
    if task is not None:
        work.audit(SERVER, "killed job", f"{_name(task)}, attempt {end.attempt}: {end.message}")


def end_attempt(work: Work, task_id: int, report: Report, exit_code: int | None) -> None:
    """Apply the end of the attempt that `report` names, whose key is worth nothing from now on; nothing if the task is gone.

    One that comes after the next attempt has begun leaves that one alone.
    """
    assert report.attempt is not None
    task = observe(work, task_id, report)
    if task is None:
        return
    take_job_key(work, task_id, report.attempt)
    if task.attempt != report.attempt:
        return
    if exit_code is not None:
        work.note_attempt(task, exit_code=exit_code)
    if task.stop_stage is not None:
        work.put(task.replaced(stop_stage=None, stop_stage_ends_at=None))


def job_of(work: Work, task_id: int) -> tuple[Task, JobSpec]:
    """Return a job as task and specification.

    Raises:
        NotFoundError: If there is no such job.
    """
    task = work.task(task_id) if 0 < task_id <= LARGEST_ID else None
    spec = None if task is None else work.job(task_id)
    if task is None or spec is None:
        raise NotFoundError(f"there is no job {task_id}", field="id")
    return task, spec


def _note_asker(work: Work, actor: Actor, task: Task) -> None:
    if not work.stop_asked_by(task):
        work.note_attempt(task, stop_asked_by=actor.name)


def _impatience(over: str | None) -> str:
    return "" if over is None else f", not waiting for the end of {over}"


def _remember(work: Work, task: Task, happenings: list[Happening]) -> None:
    for happening in happenings:
        work.remember(task, happening)


def _name(task: Task) -> str:
    return f"job {task.id} ({task.title})"
