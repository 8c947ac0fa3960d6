"""Logs that programs send, for what they run is not ours: kept beside those of jobs, and read like them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from trainwatch.domain.events import Event, LogGrown
from trainwatch.errors import UnavailableError
from trainwatch.runners.base import AttemptKey
from trainwatch.supervisor.folder import LOG
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits


class SentLogs:
    """Appends to logs of attempts in the folders of `attempts`. Belongs to the event loop."""

    def __init__(self, attempts: Path, limits: LogLimits, publish: Callable[[Sequence[Event]], None]) -> None:
        """Keep as much of each as `limits` say, and tell through `publish` that one has grown."""
        self._attempts = attempts
        self._limits = limits
        self._publish = publish
        self._turn = asyncio.Lock()

    async def append(self, key: AttemptKey, data: bytes, *, offset: int | None = None) -> int:
        """Append `data`, which is what was printed from byte number `offset` on, and return where the log ends.

        Without an offset it comes next.
        What is there already is not appended again; what comes later than where the log ends leaves a gap.

        Raises:
            UnavailableError: If the disk takes nothing now.
        """
        async with self._turn:
            size = await asyncio.to_thread(_append, self._attempts, key, data, offset, self._limits)
        self._publish([LogGrown(key.task_id, key.attempt, size)])
        return size


def has_log(attempts: Path, task_id: int, numbers: Iterable[int]) -> bool:
    """Return whether anything is kept of what one of these attempts has printed."""
    return any((attempts / AttemptKey(task_id, number).folder / LOG).is_dir() for number in numbers)


def _append(attempts: Path, key: AttemptKey, data: bytes, offset: int | None, limits: LogLimits) -> int:
    folder = attempts / key.folder
    try:
        for each in (attempts, folder):
            each.mkdir(mode=0o700, exist_ok=True)
        log = LogWriter(str(folder / LOG), limits)
    except OSError as error:
        raise UnavailableError(f"the log cannot be written: {error.strerror}") from error
    if offset is None:
        offset = log.size
    log.pass_over(offset)
    log.write(memoryview(data)[log.size - offset :])
    log.leave()
    return log.size
