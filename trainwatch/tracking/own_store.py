"""A database that this program keeps its tasks in: opened, locked, and written by a writer like the server's."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NoAnswerError
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.domain.events import Event
from trainwatch.domain.tracked.change import Change
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.errors import SettingsError, UnavailableError
from trainwatch.services.tracking import Answer, active, progress_of, track_all
from trainwatch.store.engine import Database, open_database, reason_of
from trainwatch.store.lock import owning
from trainwatch.store.schema import bring_up_to_date
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer
from trainwatch.strict_modes import make_folder
from trainwatch.tracking.keeper import Kept, Outcome

_PATIENCE_S = 30.0

T = TypeVar("T")


class WriterKeeper:
    """Keeps changes by a writer that runs on an event loop, whose thread is another one."""

    def __init__(
        self, writer: Writer, database: Database, loop: asyncio.AbstractEventLoop, *, is_shared: bool
    ) -> None:
        """Keep what comes in `database`, which `writer` writes; both belong to the caller."""
        self._writer = writer
        self._database = database
        self._loop = loop
        self.is_shared = is_shared

    def check_caller(self) -> None:
        """Let any thread pass but that of the event loop."""
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        if here is self._loop:
            raise RuntimeError(
                "this tracker's writer answers on this very thread; call it by asyncio.to_thread()"
            )

    def keep(self, changes: Sequence[Change]) -> list[Outcome]:
        """Keep all of `changes` in one transaction."""
        outcomes = self._ask(partial(track_all, changes=changes))
        return [Kept(each.stop) if isinstance(each, Answer) else each for each in outcomes]

    def find(self, task_id: str) -> TaskProgress | None:
        """Read the task, without the writer."""
        return progress_of(self._database, task_id, events=None)

    def active(self) -> list[TaskProgress]:
        """Read the tasks, without the writer."""
        return active(self._database)

    def wants_stop(self, task_id: str) -> bool:
        """Ask the writer, which has the tasks at hand."""
        self.check_caller()
        return self._ask(partial(_wants_stop, task_id=task_id))

    def close(self) -> None:
        """Let go of nothing: writer and database belong to somebody else."""

    def _ask(self, command: Callable[[Work], T]) -> T:
        async def submit() -> T:
            return await self._writer.submit(command)

        answer = submit()
        try:
            return asyncio.run_coroutine_threadsafe(answer, self._loop).result(_PATIENCE_S)
        except (NoAnswerError, CancelledError) as error:
            raise UnavailableError("the writer does not answer") from error
        except RuntimeError as error:
            answer.close()
            raise UnavailableError(f"the writer has ended: {error}") from error


class OwnStore(WriterKeeper):
    """The same with a writer and a loop of its own, each on a thread."""

    def __init__(self, database: Database, owned: ExitStack) -> None:
        """Keep what comes in `database`, which is up to date; `owned` is closed at the end."""
        self._owned = owned
        loop = asyncio.new_event_loop()
        writer = Writer(database, clock=_now, publish=_tell_nobody)
        super().__init__(writer, database, loop, is_shared=False)
        self._thread = threading.Thread(target=self._serve, name="trainwatch-store", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what was begun, then let go of the database."""
        asyncio.run_coroutine_threadsafe(self._writer.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._owned.close()

    def _serve(self) -> None:
        self._loop.call_soon(self._writer.start)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


def open_own(path: Path, *, lock_file: str) -> OwnStore:
    """Return the store in the file `path`, made if it is not there and owned until it is closed.

    Raises:
        DataDirLockedError: If another process owns it.
        MigrationError: If it is no database of TrainWatch, or one of a newer version.
        SettingsError: If it cannot be used.
    """
    _log_as_programs_do()
    with ExitStack() as stack:
        try:
            make_folder(path.parent)
            database = open_database(path)
            stack.callback(database.close)
            stack.enter_context(owning(database, path.parent, lock_file=lock_file))
            bring_up_to_date(database, path.parent, now=_now())
        except (SQLAlchemyError, OSError) as error:
            raise SettingsError(f"cannot use {path}: {reason_of(error)}") from error
        return OwnStore(database, stack.pop_all())


def keep_in(database: Database) -> OwnStore:
    """Return a store in a database that the caller has opened and owns; nothing else may write to it.

    Raises:
        MigrationError: If it is no database of TrainWatch, or one of another version.
    """
    _log_as_programs_do()
    folder = Path.cwd() if database.path is None else database.path.parent
    bring_up_to_date(database, folder, now=_now())
    return OwnStore(database, ExitStack())


def keep_by(writer: Writer) -> WriterKeeper:
    """Return a keeper by a writer that somebody else runs; call it on the writer's event loop.

    Raises:
        SettingsError: If no event loop runs on this thread.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError as error:
        raise SettingsError("make a tracker of a writer on the writer's event loop") from error
    return WriterKeeper(writer, writer.database, loop, is_shared=True)


def _wants_stop(work: Work, *, task_id: str) -> bool:
    task = work.task_of_run(task_id)
    tracked = None if task is None else work.tracked(task.id)
    if task is None or tracked is None:
        return False
    return tracked.progress.stop_requested or task.stop_requested_at is not None


def _log_as_programs_do() -> None:
    """Let what the store has to complain of go to `logging`, unless the program has settled where such things go.

    It would be printed otherwise, between what the program prints, and a full disk under that would end the writer.
    """
    if not structlog.is_configured():
        structlog.configure(
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            processors=[
                structlog.dev.ConsoleRenderer(
                    colors=False, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
                )
            ],
        )


def _tell_nobody(events: Sequence[Event]) -> None:
    """Publish nothing: nobody else lives in this process."""


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - part of programs of their own: this is their clock
