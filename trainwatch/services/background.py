"""Background loops: each repeats one step until the server ends, whatever a step raises."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError

from trainwatch.errors import TrainwatchError
from trainwatch.store.engine import reason_of

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
"""The pause after an error doubles from the first to the longest."""

log = structlog.get_logger()

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A loop whose last `times` steps all raised; `reason` is that of the last one."""

    name: str
    reason: str
    since: datetime
    times: int


@dataclass(frozen=True, slots=True)
class _Loop:
    name: str
    step: Step
    every_s: float


class BackgroundLoops:
    """Runs the loops of a server, and knows which of them fail."""

    def __init__(self, *, clock: Callable[[], datetime], first_retry_s: float = FIRST_RETRY_S) -> None:
        """Start with no loop."""
        self._clock = clock
        self._first_retry_s = first_retry_s
        self._loops: list[_Loop] = []
        self._failures: dict[str, Failure] = {}
        self._is_ending = False

    def add(self, name: str, step: Step, *, every_s: float = 0.0) -> None:
        """Repeat `step`, `every_s` seconds after it returned; a step that waits for something needs no pause.

        A step that raises is logged and called again after a pause, so it must not have lost what it had to do.
        """
        self._loops.append(_Loop(name, step, every_s))

    @property
    def names(self) -> list[str]:
        """Every loop, in the order in which they were added."""
        return [loop.name for loop in self._loops]

    @property
    def failures(self) -> list[Failure]:
        """The loops whose last step failed, those that have failed longest first."""
        return sorted(self._failures.values(), key=lambda failure: failure.since)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run every loop within this block; all of them have ended when it is left."""
        tasks = [asyncio.create_task(self._repeat(loop), name=loop.name) for loop in self._loops]
        try:
            yield
        finally:
            self._is_ending = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, loop: _Loop) -> None:
        while not self._is_ending:
            try:
                await loop.step()
            except Exception as error:  # noqa: BLE001 - told, and a loop must not end
                pause_s = self._note_failure(loop.name, error)
            else:
                self._note_success(loop.name)
                pause_s = loop.every_s
            if not self._is_ending:  # a step may turn its cancellation into an error
                await asyncio.sleep(pause_s)

    def _note_failure(self, name: str, error: Exception) -> float:
        """Log `error` and return how many seconds to wait before the next try."""
        known = self._failures.get(name) or Failure(name, "", self._clock(), 0)
        failure = replace(known, reason=_reason_of(error), times=known.times + 1)
        self._failures[name] = failure
        is_outage = isinstance(error, (TrainwatchError, OperationalError))
        log.error(
            "background_step_failed",
            loop=name,
            times=failure.times,
            reason=failure.reason,
            exc_info=None if is_outage else error,
        )
        return min(LONGEST_RETRY_S, self._first_retry_s * 2 ** min(failure.times - 1, 10))

    def _note_success(self, name: str) -> None:
        if (failure := self._failures.pop(name, None)) is not None:
            log.info("background_step_recovered", loop=name, after=failure.times)


def _reason_of(error: Exception) -> str:
    """Return `error` in one line; the type alone often says more than an empty message."""
    if isinstance(error, TrainwatchError):
        return error.message
    if isinstance(error, OperationalError):
        return reason_of(error)
    return f"{type(error).__name__}: {reason_of(error)}"
