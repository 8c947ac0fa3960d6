"""What a person does to a task by hand: edit it, ask it to stop, archive it, delete it."""

from trainwatch.domain.audit import Actor
from trainwatch.domain.edit import Edit, archive, edit, request_stop
from trainwatch.domain.status import Status
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.turn import is_job
from trainwatch.errors import ConflictError, NotFoundError
from trainwatch.store.tasks import LARGEST_ID
from trainwatch.store.work import Work

_DONE = {
    "renamed": "renamed task",
    "archived": "archived task",
    "brought_back": "brought task back",
}
"""What the audit log calls what a person did, by the kind of the happening."""


def edit_task(work: Work, actor: Actor, task_id: int, changes: Edit) -> Task:
    """Apply `changes` to the task and return it.

    Raises:
        NotFoundError: If there is no such task.
        BadRequestError: If a value is too long.
    """
    before = task_of(work, task_id)
    return _save(work, actor, before, edit(before, changes))


def ask_to_stop(work: Work, actor: Actor, task_id: int, *, stop: bool) -> Task:
    """Set or take back the flag that the task's next report is answered with.

    Each time somebody asks is in the audit log, also if the flag was set already.

    Raises:
        NotFoundError: If there is no such task.
        ConflictError: If the task has ended, or is a job: its runner is asked instead.
    """
    before = task_of(work, task_id)
    if is_job(before):
        raise ConflictError("this is a job: stop it as one")
    task, happenings = request_stop(before, stop=stop, now=work.now)
    work.put(task)
    for happening in happenings:
        work.remember(task, happening)
    work.audit(actor, "asked task to stop" if stop else "asked task no longer to stop", name_of(task))
    return task


def archive_task(work: Work, actor: Actor, task_id: int, *, archived: bool) -> Task:
    """Take the task out of the lists that people look through, or bring it back, and return it.

    Raises:
        NotFoundError: If there is no such task.
    """
    before = task_of(work, task_id)
    return _save(work, actor, before, archive(before, archived=archived, now=work.now))


def delete_task(work: Work, actor: Actor, task_id: int) -> Task:
    """Delete the task with its points and history, and return it as it was; there is no way back.

    Raises:
        NotFoundError: If there is no such task.
        ConflictError: If it is a job that runs: nobody could stop it any more.
    """
    task = task_of(work, task_id)
    if is_job(task) and not task.is_ended and task.training_status is not Status.QUEUED:
        raise ConflictError("the job runs; stop it first")
    work.delete(task)
    work.audit(actor, "deleted task", name_of(task))
    return task


def task_of(work: Work, task_id: int) -> Task:
    """Return the task of that id.

    Raises:
        NotFoundError: If there is no such task.
    """
    task = work.task(task_id) if 0 < task_id <= LARGEST_ID else None
    if task is None:
        raise NotFoundError(f"there is no task {task_id}", field="id")
    return task


def _save(work: Work, actor: Actor, before: Task, edited: tuple[Task, list[Happening]]) -> Task:
    task, happenings = edited
    work.put(task)
    for happening in happenings:
        work.remember(task, happening)
        work.audit(actor, _DONE[happening.kind], name_of(before) + _renaming(before, task))
    return task


def _renaming(before: Task, task: Task) -> str:
    return "" if before.title == task.title else f" to {task.title}"


def name_of(task: Task) -> str:
    """Return what the audit log calls `task`."""
    return f"task {task.id} ({task.title})"
