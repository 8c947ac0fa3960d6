"""Records of what was done already: written at once if the database takes them, else as soon as it does."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from trainwatch.errors import UnavailableError
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

PATIENCE_S = 2.0
"""How long whoever did something waits for its record."""

RETRY_S = 1.0

NOT_WRITTEN = "this is done, but the database could not take it down yet; that is tried until it can, or the server ends"

log = structlog.get_logger()

T = TypeVar("T")


class PendingWrites:
    """Belongs to the event loop. What is not written when the server ends is lost."""

    def __init__(
        self, writer: Writer, *, patience_s: float | None = PATIENCE_S, retry_s: float = RETRY_S
    ) -> None:
        """Write through `writer`; with a patience of None nothing is tried again, and its error is told."""
        self._writer = writer
        self._patience_s = patience_s
        self._retry_s = retry_s
        self._writing: set[asyncio.Task[object]] = set()

    def begin(self, command: Callable[[Work], T]) -> "asyncio.Task[T]":
        """Queue `command` before whatever is submitted next, and return what writes it: see `is_written`."""
        writing = asyncio.create_task(self._write(command, self._submit(command)))
        self._writing.add(writing)
        writing.add_done_callback(self._forget)
        return writing

    async def is_written(self, writing: "asyncio.Task[T]") -> bool:
        """Wait a moment for a record, and return whether it is written.

        Raises:
            TrainwatchError: What the command raised.
        """
        await asyncio.wait({writing}, timeout=self._patience_s)
        if not writing.done():
            return False
        writing.result()
        return True

    async def close(self) -> None:
        """Wait a moment for what is not written yet, and give it up."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=self._patience_s)
        lost = [*self._writing]
        if lost:
            log.error("records_lost", records=len(lost))
        for writing in lost:
            writing.cancel()
        await asyncio.gather(*lost, return_exceptions=True)

    def _submit(self, command: Callable[[Work], T]) -> "asyncio.Future[T]":
        try:
            return self._writer.submit(command, urgent=True)
        except UnavailableError as error:
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.set_exception(error)
            return refused

    async def _write(self, command: Callable[[Work], T], first: "asyncio.Future[T]") -> T:
        submitted = first
        while True:
            try:
                return await submitted
            except UnavailableError as error:
                if self._patience_s is None:
                    raise
                if submitted is first:
                    log.warning("record_postponed", reason=error.message)
            await asyncio.sleep(self._retry_s)
            submitted = self._submit(command)

    def _forget(self, writing: "asyncio.Task[object]") -> None:
        self._writing.discard(writing)
        if not writing.cancelled() and (error := writing.exception()):
            log.debug("record_refused", reason=str(error))
