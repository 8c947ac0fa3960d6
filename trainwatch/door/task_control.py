"""Stopping and ending tasks by hand, whoever executes them: what is asked of the caller depends on the task."""

import asyncio

from trainwatch.domain.edit import parse_marked_end
from trainwatch.domain.job import Runner
from trainwatch.domain.status import Status
from trainwatch.door.identity import Identity
from trainwatch.door.jobs import require_right_to_run
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError
from trainwatch.runners.base import HURRIED
from trainwatch.services import look
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.edit import ask_to_stop
from trainwatch.services.ending import end_task
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


class TaskControl:
    """For callers who may annotate; a job asks for the right to run it besides."""

    def __init__(self, database: Database, writer: Writer, dispatcher: Dispatcher) -> None:
        """Change tasks through `writer`; `dispatcher` knows which of them it executes."""
        self._database = database
        self._writer = writer
        self._dispatcher = dispatcher

    async def stop(self, caller: Identity, task_id: int, *, stop: bool) -> bool:
        """Ask the script of a task to stop, or no longer; of a job, its runner. Return whether that is written down.

        Raises:
            NotFoundError: If there is no such task.
            ConflictError: If it has ended, or is a job that is no longer to stop.
            ForbiddenError: If it is a job that the caller may not run.
            UnauthorizedError: If it is one, and nobody knows who the caller is.
        """
        if not await self._is_job_of(caller, task_id):
            await self._writer.submit(lambda work: ask_to_stop(work, caller.actor, task_id, stop=stop))
            return True
        if not stop:
            raise ConflictError("a job that was stopped does not go on: start it again")
        return await self._dispatcher.stop(task_id, caller.actor)

    async def stop_job(self, caller: Identity, task_id: int, over: object = None) -> bool:
        """Stop a job that runs, or take back the start of one that waits, and return whether that is written down.

        `over` is the stage not to be waited for. What runs here is stopped though the database can be neither read nor written.

        Raises:
            BadRequestError: If there is no such stage, or it has no end.
            NotFoundError: If there is no such job.
            ConflictError: If it has ended, or nobody has asked it to start.
            ForbiddenError: If the caller may not run it.
            UnauthorizedError: If so, and nobody knows who the caller is.
        """
        stage = _stage(over)
        require_right_to_run(caller, await self._runner_of(task_id))
        return await self._dispatcher.stop(task_id, caller.actor, stage)

    async def end(self, caller: Identity, task_id: int, word: object) -> Status:
        """Mark a task as failed or stopped that nobody executes here, and whose program will not say so; return which.

        Raises:
            NotFoundError: If there is no such task.
            BadRequestError: If `word` is neither.
            ConflictError: If it has ended already, or TrainWatch executes it.
            ForbiddenError: If it is a job that the caller may not run.
            UnauthorizedError: If it is one, and nobody knows who the caller is.
        """
        if await asyncio.to_thread(look.task_only, self._database, task_id) is None:
            raise NotFoundError(f"there is no task {task_id}", field="id")
        status = parse_marked_end(word)
        if await self._is_job_of(caller, task_id) and self._dispatcher.executes(task_id):
            raise ConflictError("TrainWatch runs this job itself: stop it instead")
        await self._writer.submit(lambda work: end_task(work, caller.actor, task_id, status))
        return status

    async def _is_job_of(self, caller: Identity, task_id: int) -> bool:
        """Return whether the task is a job, one that the caller may run."""
        try:
            runner = await self._runner_of(task_id)
        except NotFoundError:
            return False
        require_right_to_run(caller, runner)
        return True

    async def _runner_of(self, task_id: int) -> Runner:
        """Return what runs a job; of one that runs here that is known without the database.

        Raises:
            NotFoundError: If there is no such job.
        """
        runner = self._dispatcher.runner_of(task_id)
        return runner or (await asyncio.to_thread(look.job_spec, self._database, task_id)).runner


def _stage(word: object) -> str | None:
    if word is None or word in HURRIED:
        return None if word is None else str(word)
    raise BadRequestError(f"over must be {' or '.join(HURRIED)}", field="over")
