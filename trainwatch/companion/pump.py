"""From the command to where it would have printed itself, at once."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

from trainwatch.companion.outlets import Outlet

_AT_ONCE_BYTES = 64 << 10
_MUCH_BYTES = 4000  # a terminal hands out no more than 4,095
_REST_S = 0.004
_QUIET_AFTER_S = 0.05
_LAST_WORDS_S = 1.0


class Pump(threading.Thread):
    """Carries bytes as they come, and lets somebody hear them, who must not make it wait.

    A line that comes alone goes on at once; of lines that come faster than every 4 ms, those of 4 ms go together.
    Where the other end takes nothing for a while, the command waits for it, as it would without us.
    """

    def __init__(self, outlet: Outlet, hear: Callable[[bytes], None]) -> None:
        """Carry what comes out of `outlet`."""
        super().__init__(name="pump", daemon=True)
        self._source, self._target = outlet.source, outlet.target
        self._hear = hear
        self._ending, self._bell = os.pipe()

    def run(self) -> None:
        """Carry until nobody can print any more, or nobody would read it."""
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        poll.register(self._ending, select.POLLIN)
        rested_at = 0.0
        while True:
            ready = dict(poll.poll())
            if self._source not in ready:
                break
            rest_s = rested_at + _REST_S - time.monotonic()
            if rest_s > 0:
                time.sleep(rest_s)
            size = self._carry()
            if not size:
                break
            rested_at = time.monotonic() if size < _MUCH_BYTES else 0.0
            if self._ending in ready:
                break
        self._carry_last_words()
        os.close(self._source)

    def finish(self) -> None:
        """Say that the command has ended: what has been printed by now is the rest."""
        os.write(self._bell, b"\0")

    def _carry(self) -> int:
        """Carry what there is, and return how much; 0 if that was all there will ever be."""
        data = _read(self._source)
        if not data or not _write(self._target, data):
            return 0
        self._hear(data)
        return len(data)

    def _carry_last_words(self) -> None:
        """Carry until it is quiet; somebody whom the command left behind may print on, and is not waited for."""
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        until = time.monotonic() + _LAST_WORDS_S
        while time.monotonic() < until and poll.poll(_QUIET_AFTER_S * 1000):
            if not self._carry():
                break


def _read(source: int) -> bytes:
    with contextlib.suppress(OSError):  # EIO is how a terminal says that everybody has gone
        return os.read(source, _AT_ONCE_BYTES)
    return b""


def _write(target: int, data: bytes) -> bool:
    """Write all of `data`, and say whether anybody can still read it."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(target, rest) :]
        except BlockingIOError:  # whoever shares it with us has made it so
            poll = select.poll()
            poll.register(target, select.POLLOUT)
            poll.poll()
        except OSError:
            return False
    return True
