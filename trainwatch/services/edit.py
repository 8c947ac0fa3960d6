"""What a person does to a task by hand: edit it, ask it to stop, archive it, delete it."""

from trainwatch.domain.edit import Edit, archive, edit, request_stop
from trainwatch.domain.task import Happening, Task
from trainwatch.errors import NotFoundError
from trainwatch.store.tasks import LARGEST_ID
from trainwatch.store.work import Work


def edit_task(work: Work, task_id: int, changes: Edit) -> Task:
    """Apply `changes` to the task and return it.

    Raises:
        NotFoundError: If there is no such task.
        BadRequestError: If a value is too long.
    """
    task, happenings = edit(_task(work, task_id), changes)
    return _save(work, task, happenings)


def ask_to_stop(work: Work, task_id: int, *, stop: bool) -> Task:
    """Set or take back the flag that the task's next report is answered with.

    Raises:
        NotFoundError: If there is no such task.
        ConflictError: If the task has ended.
    """
    task, happenings = request_stop(_task(work, task_id), stop=stop, now=work.now)
    return _save(work, task, happenings)


def archive_task(work: Work, task_id: int, *, archived: bool) -> Task:
    """Take the task out of the lists that people look through, or bring it back, and return it.

    Raises:
        NotFoundError: If there is no such task.
    """
    task, happenings = archive(_task(work, task_id), archived=archived, now=work.now)
    return _save(work, task, happenings)


def delete_task(work: Work, task_id: int) -> Task:
    """Delete the task with its points and history, and return it as it was; there is no way back.

    Raises:
        NotFoundError: If there is no such task.
    """
    task = _task(work, task_id)
    work.delete(task)
    return task


def _task(work: Work, task_id: int) -> Task:
    task = work.task(task_id) if 0 < task_id <= LARGEST_ID else None
    if task is None:
        raise NotFoundError(f"there is no task {task_id}", field="id")
    return task


def _save(work: Work, task: Task, happenings: list[Happening]) -> Task:
    work.put(task)
    for happening in happenings:
        work.remember(task, happening)
    return task
