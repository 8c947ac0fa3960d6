"""What the command has printed, written to where it belongs."""

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

MOST_HELD_BYTES = 64 << 10
"""How much waits for a slow reader before nothing more is read for it; one read may come on top."""


class Writer(Protocol):
    """Writes bytes in the order in which it gets them."""

    is_broken: bool
    """Whether nobody can read it any more."""

    @property
    def has_room(self) -> bool:
        """Whether it may get more."""
        ...

    def write(self, data: bytes) -> None:
        """Write `data`, now or as soon as somebody takes it."""
        ...

    def finish(self) -> None:
        """Wait until everything is written."""
        ...


class DirectWriter:
    """Writes at once, and lets whoever brings bytes wait: where there is one channel, nothing else is to be done."""

    has_room = True

    def __init__(self, target: int) -> None:
        """Write to `target`."""
        self._target = target
        self.is_broken = False

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        self.is_broken = self.is_broken or not write_all(self._target, data)

    def finish(self) -> None:
        """Do nothing."""


class QueuedWriter(threading.Thread):
    """Writes from a thread of its own, so that a channel that nobody reads does not hold up another one."""

    def __init__(self, target: int, on_change: Callable[[], None]) -> None:
        """Write to `target`; `on_change` is called when there is room again, or nobody can read it any more."""
        super().__init__(name="writer", daemon=True)
        self._target = target
        self._on_change = on_change
        self._queue: deque[bytes] = deque()
        self._held_bytes = 0
        self._changed = threading.Condition()
        self._is_over = False
        self.is_broken = False
        self.start()

    @property
    def has_room(self) -> bool:
        """Whether less waits than may."""
        return self._held_bytes < MOST_HELD_BYTES

    def write(self, data: bytes) -> None:
        """Take `data`, and return at once."""
        with self._changed:
            self._queue.append(data)
            self._held_bytes += len(data)
            self._changed.notify()

    def finish(self) -> None:
        """Wait until everything is written, or nobody can read it any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self.join()

    def run(self) -> None:
        """Write what comes."""
        while (data := self._next()) is not None:
            self.is_broken = not write_all(self._target, data)
            with self._changed:
                had_room = self.has_room
                self._held_bytes -= len(data)
            if self.is_broken or not had_room:
                self._on_change()
            if self.is_broken:
                break

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_over)
            return self._queue.popleft() if self._queue else None


def write_all(target: int, data: bytes) -> bool:
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
