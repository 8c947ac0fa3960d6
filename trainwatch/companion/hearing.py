"""What the command prints, heard on a thread that nobody waits for."""

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainwatch.companion.understanding import Measure

MOST_WAITING_BYTES = 2 << 20
"""Who prints faster than we read is not read for so much: a line that was not read costs less than a wait."""

_GATHERED_FOR_S = 0.02
_QUIET_AFTER_S = 0.3

Heard = tuple[int, bytes | None]
"""The next bytes of a channel; None for some that were lost."""


class Hearing:
    """Hears the bytes of several channels, one job's, and tells what they say."""

    def __init__(self, channels: int) -> None:
        """Hear that many channels."""
        self._channels = channels
        self._waiting: deque[Heard] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._is_over = False
        self._thread: threading.Thread | None = None
        self.failure: str | None = None
        """The newest line that may explain a failure."""

    def start(self, measure: "Measure") -> None:
        """Begin to understand, and to tell `measure` from a thread of its own; what came before is heard as well."""
        self._thread = threading.Thread(target=self._run, args=(measure,), name="hearing", daemon=True)
        self._thread.start()

    def hear(self, channel: int, data: bytes) -> None:
        """Take the next bytes of a channel; never waits."""
        with self._changed:
            if self._waiting_bytes > MOST_WAITING_BYTES:
                self._waiting = deque((each, None) for each in range(self._channels))
                self._waiting_bytes = 0
            self._waiting.append((channel, data))
            self._waiting_bytes += len(data)
            self._changed.notify()

    def finish(self, seconds: float) -> None:
        """Hear what is left, for `seconds` at most."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, measure: "Measure") -> None:
        from trainwatch.companion.understanding import Understanding  # noqa: PLC0415 - nobody waits for it either

        understanding = Understanding(self._channels, measure)
        is_quiet = True
        while True:
            came, heard = self._wait(None if is_quiet else _QUIET_AFTER_S)
            for channel, data in heard:
                understanding.feed(channel, data)
            is_quiet = not came
            if is_quiet or self._is_over:
                understanding.pause()
            self.failure = understanding.failure
            if self._is_over and not heard:
                return

    def _wait(self, seconds: float | None) -> tuple[bool, deque[Heard]]:
        """Wait until something has come, and a moment longer, so that much is understood at a time."""
        with self._changed:
            came = self._changed.wait_for(lambda: bool(self._waiting) or self._is_over, seconds)
            if came:
                self._changed.wait_for(lambda: self._is_over, _GATHERED_FOR_S)
            heard, self._waiting, self._waiting_bytes = self._waiting, deque(), 0
            return came, heard
