"""What the page asks of the services."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from trainwatch.domain.edit import UNSET, Edit
from trainwatch.door.identity import Identity
from trainwatch.door.task_control import TaskControl
from trainwatch.errors import UnavailableError
from trainwatch.services import look
from trainwatch.services.edit import archive_task, delete_task, edit_task
from trainwatch.services.pending_writes import NOT_WRITTEN
from trainwatch.services.sent_logs import has_log
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.ui.frames import Frame, Rooms
from trainwatch.ui.push import Fill, Push
from trainwatch.ui.rooms import TASK_PREFIX, room_of_session
from trainwatch.ui.state.visitor import Callers


class Desk:
    """The `Backend` of the page's states."""

    def __init__(
        self, database: Database, writer: Writer, control: TaskControl, push: Push, callers: Callers
    ) -> None:
        """Read from `database`, change through `writer` and `control` and let tabs, of `callers`, hear through `push`."""
        self._database = database
        self._writer = writer
        self._control = control
        self._push = push
        self._callers = callers

    async def join(self, session_id: str, rooms: Sequence[str]) -> None:
        """Let the tab of that socket hear `rooms` and no others."""
        actor = self._callers.of(session_id).actor
        own = [] if actor.kind != "session" or actor.id is None else [room_of_session(actor.id)]
        await self._push.join(session_id, [*rooms, *own])

    async def task_exists(self, task_id: int) -> bool:
        """Return whether there is such a task."""
        return await asyncio.to_thread(look.task_only, self._database, task_id) is not None

    async def edit_task(
        self,
        caller: Identity,
        task_id: int,
        *,
        title: str | None = None,
        tags: tuple[str, ...] | None = None,
        notes: str | None = None,
    ) -> None:
        """Change what people say of a task; None leaves a value as it is."""
        changes = Edit(
            title=UNSET if title is None else title,
            tags=UNSET if tags is None else tags,
            notes=UNSET if notes is None else notes,
        )
        await self._writer.submit(lambda work: edit_task(work, caller.actor, task_id, changes))

    async def request_stop(self, caller: Identity, task_id: int, *, stop: bool) -> None:
        """Raise the stop flag that the task's script reads with its next report, or take it back."""
        if not await self._control.stop(caller, task_id, stop=stop):
            raise UnavailableError(NOT_WRITTEN)

    async def end_task(self, caller: Identity, task_id: int, status: str) -> None:
        """Mark a task as failed or stopped whose program will not say so itself."""
        await self._control.end(caller, task_id, status)

    async def archive_task(self, caller: Identity, task_id: int, *, archived: bool) -> None:
        """Take a task out of the lists, or bring it back."""
        await self._writer.submit(lambda work: archive_task(work, caller.actor, task_id, archived=archived))

    async def delete_task(self, caller: Identity, task_id: int) -> None:
        """Delete a task with its points and history."""
        await self._writer.submit(lambda work: delete_task(work, caller.actor, task_id))


def start_of_room(database: Database, rooms: Rooms, attempts: Path) -> Fill:
    """Return what reads the frame that a page in a room starts with; logs are in the folders of `attempts`."""

    def read(task_id: int) -> Frame | None:
        task = look.task_only(database, task_id)
        if task is None:
            return None
        return rooms.start_of(task, has_log=has_log(attempts, task_id, [task.attempt]))

    async def fill(room: str) -> Frame | None:
        if not room.startswith(TASK_PREFIX):
            return None
        return await asyncio.to_thread(read, int(room.removeprefix(TASK_PREFIX)))

    return fill
