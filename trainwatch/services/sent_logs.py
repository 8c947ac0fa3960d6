"""Logs that programs send, for what they run is not ours: kept beside those of jobs, and read like them."""

import asyncio
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from trainwatch.domain.events import Event, LogGrown
from trainwatch.errors import BadRequestError, NotFoundError, UnavailableError
from trainwatch.runners.base import AttemptKey
from trainwatch.store.engine import Database
from trainwatch.store.tasks import living_among
from trainwatch.supervisor.folder import LOG
from trainwatch.supervisor.log_reader import LogReader
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits

MOST_MISSING_BYTES = 1 << 40
"""No program prints so much unheard: an offset so far on is wrong, and would make all that is right "there already"."""

MOST_WAITING = 32
"""Each may hold a mebibyte while the disk is slow."""


class SentLogs:
    """Appends to logs of attempts in the folders of `attempts`. Belongs to the event loop."""

    def __init__(
        self,
        database: Database,
        attempts: Path,
        limits: LogLimits,
        publish: Callable[[Sequence[Event]], None],
    ) -> None:
        """Keep as much of each as `limits` say, for tasks of `database`, and tell through `publish` that one has grown."""
        self._database = database
        self._attempts = attempts
        self._limits = limits
        self._publish = publish
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def append(self, key: AttemptKey, data: bytes, *, offset: int | None = None) -> int:
        """Append `data`, which is what was printed from byte number `offset` on, and return where the log ends.

        Without an offset it comes next.
        What is there already is not appended again; what comes later than where the log ends leaves a gap.

        Raises:
            BadRequestError: If the offset is further on than anything can have been printed.
            NotFoundError: If the task is gone; then nothing of it is left here.
            UnavailableError: If the disk takes nothing now, not all of it, or too many wait for it already. What it
                took is there when `data` comes again with its offset.
        """
        if self._waiting >= MOST_WAITING:
            raise UnavailableError("too many pieces of logs wait for the disk")
        self._waiting += 1
        try:
            async with self._turn:
                size = await asyncio.to_thread(self._append, key, data, offset)
        finally:
            self._waiting -= 1
        self._publish([LogGrown(key.task_id, key.attempt, size)])
        return size

    def _append(self, key: AttemptKey, data: bytes, offset: int | None) -> int:
        folder = self._attempts / key.folder
        try:
            return _write(folder, data, offset, self._limits)
        except OSError as error:
            raise UnavailableError(f"the log cannot be written: {error.strerror}") from error
        finally:
            self._leave_nothing_of_a_deleted(key)

    def _leave_nothing_of_a_deleted(self, key: AttemptKey) -> None:
        """Take the folder away again if its task was deleted meanwhile: whoever sweeps may have come before it was made."""
        with self._database.reading() as connection:
            is_there = living_among(connection, [key.task_id])
        if not is_there:
            shutil.rmtree(self._attempts / key.folder, ignore_errors=True)
            raise NotFoundError(f"there is no task {key.task_id}", field="id")


def has_log(attempts: Path, task_id: int, numbers: Iterable[int]) -> bool:
    """Return whether anything is kept of what one of these attempts has printed."""
    return any((attempts / AttemptKey(task_id, number).folder / LOG).is_dir() for number in numbers)


def _write(folder: Path, data: bytes, offset: int | None, limits: LogLimits) -> int:
    end = LogReader(folder).size()
    if offset is None:
        offset = end
    if offset > end + MOST_MISSING_BYTES:
        raise BadRequestError(f"offset must be near {end}, where the log ends", field="offset")
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, exist_ok=True)
    log = LogWriter(str(folder / LOG), limits)
    log.pass_over(offset)
    log.write(memoryview(data)[log.size - offset :])
    log.leave()
    if log.lost:
        raise UnavailableError("the disk does not take the log")
    return log.size
