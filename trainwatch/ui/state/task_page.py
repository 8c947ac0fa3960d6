"""One task's page, which may be a job's monitor: what a person may change, by id and small values."""

from collections.abc import Awaitable

import reflex as rx

from trainwatch.door.rights import Right
from trainwatch.errors import TrainwatchError
from trainwatch.ui import routes
from trainwatch.ui.rooms import EVERYONE, room_of
from trainwatch.ui.state.backend import backend, jobs
from trainwatch.ui.state.rights import needs
from trainwatch.ui.state.visitor import caller_of, greet

MAX_ID = 2**63 - 1


def parse_task_id(text: str) -> int | None:
    """Return the id that an address names, or None if it cannot be one.

    The address is the client's word, so this also guards the name of the room.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    task_id = int(text)
    return task_id if 0 < task_id <= MAX_ID else None


class TaskPage(rx.State):
    """`problem` is the last refusal, in words; `refusals` counts them, for two may be in the same words."""

    missing: bool = False
    problem: str = ""
    refusals: int = 0

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Listen to the task that the address names, or say that there is none; at a job's address only a job will do."""
        path, _, name = self.router.url.path.rstrip("/").rpartition("/")
        exists = jobs().exists if path.endswith(routes.JOBS) else backend().task_exists
        task_id = parse_task_id(name)
        known = task_id is not None and await exists(task_id)
        self.problem, self.refusals = "", 0
        self.missing = not known
        rooms = [EVERYONE, room_of(task_id)] if task_id is not None and known else [EVERYONE]
        await greet(self)
        await backend().join(self.router.session.session_id, rooms)

    @rx.event
    @needs(Right.ANNOTATE)
    async def rename(self, task_id: int, title: str) -> None:
        """Give the task the title that a person typed."""
        await self._attempt(backend().edit_task(caller_of(self), task_id, title=title))

    @rx.event
    @needs(Right.ANNOTATE)
    async def set_tags(self, task_id: int, tags: list[str]) -> None:
        """Replace the task's tags."""
        await self._attempt(backend().edit_task(caller_of(self), task_id, tags=tuple(tags)))

    @rx.event
    @needs(Right.ANNOTATE)
    async def set_notes(self, task_id: int, notes: str) -> None:
        """Replace the task's notes."""
        await self._attempt(backend().edit_task(caller_of(self), task_id, notes=notes))

    @rx.event
    @needs(Right.ANNOTATE)
    async def request_stop(self, task_id: int, stop: bool) -> None:
        """Ask the task's script to stop with its next report, or take that back."""
        await self._attempt(backend().request_stop(caller_of(self), task_id, stop=stop))

    @rx.event
    @needs(Right.ANNOTATE)
    async def mark_ended(self, task_id: int, status: str) -> None:
        """Mark the task as "failed" or "stopped", whose program will not say so itself."""
        await self._attempt(backend().end_task(caller_of(self), task_id, status))

    @rx.event
    @needs(Right.OPERATE)
    async def archive(self, task_id: int, archived: bool) -> None:
        """Take the task out of the lists, or bring it back."""
        await self._attempt(backend().archive_task(caller_of(self), task_id, archived=archived))

    @rx.event
    @needs(Right.OPERATE)
    async def delete(self, task_id: int) -> None:
        """Delete the task; its room, this page in it, is told."""
        await self._attempt(backend().delete_task(caller_of(self), task_id))

    @rx.event
    @needs(Right.SIMULATE)
    async def start(self, task_id: int) -> None:
        """Start the job, or start it again."""
        await self._attempt(jobs().start(caller_of(self), task_id))

    @rx.event
    @needs(Right.SIMULATE)
    async def stop(self, task_id: int, over: str) -> None:
        """Stop the job that runs, or take back the start of one that waits; `over`, if any: the stage not to be waited for."""
        await self._attempt(jobs().stop(caller_of(self), task_id, over or None))

    async def _attempt(self, change: Awaitable[None]) -> None:
        try:
            await change
        except TrainwatchError as error:
            self.problem, self.refusals = error.message, self.refusals + 1
        else:
            self.problem = ""
