"""Ends of tasks that a person marks because their programs will not speak again."""

from trainwatch.domain.audit import Actor
from trainwatch.domain.edit import mark_ended
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.change import Complete
from trainwatch.domain.tracked.course import advance
from trainwatch.domain.turn import is_job
from trainwatch.errors import ConflictError
from trainwatch.services.edit import name_of, task_of
from trainwatch.services.keys import take_job_key
from trainwatch.store.tracked import TrackedTask
from trainwatch.store.work import Work


def end_task(work: Work, actor: Actor, task_id: int, status: Status) -> Task:
    """Mark a task as failed or stopped, as its tracker would find it too, and return it.

    Whether somebody executes it still is for the caller to know. Nobody gets a notification of it.

    Raises:
        NotFoundError: If there is no such task.
        ConflictError: If it has ended already, or is a job that has not begun.
    """
    before = task_of(work, task_id)
    if is_job(before) and before.training_status is Status.QUEUED:
        raise ConflictError("the job has not begun")
    task, happening = mark_ended(before, status, by=actor.name)
    work.put(task)
    work.remember(task, happening)
    work.audit(actor, f"marked task as {status}", name_of(task))
    _end_tracked(work, task, happening.message)
    if is_job(task):
        take_job_key(work, task_id, task.attempt)
    return task


def _end_tracked(work: Work, task: Task, reason: str) -> None:
    tracked = work.tracked(task.id)
    if tracked is None or tracked.attempt != task.attempt or tracked.progress.is_ended:
        return
    change = Complete(tracked.progress.task_id, success=False, summary=reason)
    ended = advance(tracked.progress, change, work.now)
    work.put_tracked(TrackedTask(task.id, tracked.attempt, ended.progress), ended.events)
