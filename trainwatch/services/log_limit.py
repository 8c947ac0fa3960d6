"""Warnings and errors that strangers or an outage cause without end: one line a second of each kind."""

import logging
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

log = structlog.get_logger()

EVERY_S = 1.0


class LogLimit(logging.Filter):
    """A processor of structlog, and a filter of logging's handlers. Called from every thread.

    What is told only once in a while, below a warning, is left alone.
    """

    def __init__(self, *, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        """Let a line of each kind pass every `every_s` seconds."""
        super().__init__()
        self._every_s = every_s
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, tuple[float, int]] = {}

    def __call__(self, logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Drop the line, or add how many like it were left out before."""
        if method in ("debug", "info"):
            return line
        left_out = self._admit(" ".join(str(line[key]) for key in ("event", "loop") if key in line))
        if left_out is None:
            raise structlog.DropEvent
        return {**line, "left_out": left_out} if left_out else line

    def filter(self, record: logging.LogRecord) -> bool:
        """Do the same with a line of the standard library's; where it was written is its kind."""
        if record.levelno < logging.WARNING:
            return True
        left_out = self._admit(f"{record.pathname}:{record.lineno}")
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (left out: {left_out})", ()
        return left_out is not None

    async def step(self) -> None:
        """Tell what was left out of kinds that have ended."""
        for kind, count in self._take_left_out().items():
            log.info("log_lines_left_out", kind=kind, count=count)

    def _admit(self, kind: str) -> int | None:
        """Return how many were left out before this one; None if it is left out as well."""
        with self._lock:
            now = self._clock()
            next_at, left_out = self._kinds.get(kind, (now, 0))
            if now < next_at:
                self._kinds[kind] = next_at, left_out + 1
                return None
            self._kinds[kind] = now + self._every_s, 0
            return left_out

    def _take_left_out(self) -> dict[str, int]:
        with self._lock:
            now = self._clock()
            ended = {kind: count for kind, (next_at, count) in self._kinds.items() if next_at <= now}
            for kind in ended:
                del self._kinds[kind]
            return {kind: count for kind, count in ended.items() if count}


LOG_LIMIT = LogLimit()
"""That of this process, like the log itself."""
