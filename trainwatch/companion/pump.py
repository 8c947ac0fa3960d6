"""From the command to where it would have printed itself, at once, and heard in the order in which it printed."""

import contextlib
import fcntl
import os
import select
import termios
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Sequence

from trainwatch.companion.moment import in_order
from trainwatch.companion.outlets import Outlet
from trainwatch.companion.writers import DirectWriter, QueuedWriter, Writer

_AT_ONCE_BYTES = 64 << 10
_MUCH_BYTES = 4000  # a terminal hands out no more than 4,095
_REST_S = 0.004
_QUIET_AFTER_S = 0.05
_LAST_WORDS_S = 1.0


class Pump(threading.Thread):
    """Carries bytes as they come, and lets somebody hear them, who must not make it wait.

    A line that comes alone goes on at once; of lines that come faster than every 4 ms, those of 4 ms go together.
    Where the other end takes nothing for a while, the command waits for it, as it would without us; what it prints
    elsewhere goes on.
    """

    def __init__(
        self,
        outlets: Sequence[Outlet],
        hear: Callable[[int, bytes], None],
        *,
        last_words_s: float = _LAST_WORDS_S,
    ) -> None:
        """Carry what comes out of `outlets`; `hear` is told the number of one and what came out of it.

        `last_words_s` is how long who was left behind by the command is still heard.
        """
        super().__init__(name="pump", daemon=True)
        self._hear = hear
        self._last_words_s = last_words_s
        self._waking, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        self._has_ended = False
        self._sources = {number: outlet.source for number, outlet in enumerate(outlets)}
        self._writers: list[Writer] = (
            [DirectWriter(outlets[0].target)]
            if len(outlets) == 1
            else [QueuedWriter(outlet.target, self._wake) for outlet in outlets]
        )

    def run(self) -> None:
        """Carry until nobody can print any more, or nobody would read it."""
        rested_at = 0.0
        while self._sources and not self._has_ended:
            ready = self._wait(None)
            rest_s = rested_at + _REST_S - time.monotonic()
            if ready and rest_s > 0:
                time.sleep(rest_s)
            size = sum(self._carry(ready).values())
            rested_at = time.monotonic() if 0 < size < _MUCH_BYTES else 0.0
        self._carry_the_rest()
        self._close(list(self._sources))
        for writer in self._writers:
            writer.finish()

    def finish(self) -> None:
        """Say that the command has ended: what has been printed by now is the rest."""
        self._has_ended = True
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it will wake up anyway
            os.write(self._bell, b"\0")

    def _wait(self, seconds: float | None) -> list[int]:
        """Wait until a channel that has room can be read, something has changed, or for `seconds`; return such channels."""
        numbers = {
            source: number for number, source in self._sources.items() if self._writers[number].has_room
        }
        poll = select.poll()
        for handle in (self._waking, *numbers):
            poll.register(handle, select.POLLIN)
        ready = [handle for handle, _ in poll.poll(None if seconds is None else seconds * 1000)]
        if self._waking in ready:
            os.read(self._waking, 4096)
        return [numbers[handle] for handle in ready if handle in numbers]

    def _carry(self, ready: Iterable[int]) -> dict[int, int]:
        """Carry what there is on channels that are `ready`, and return how much on each.

        What was printed elsewhere before it is there by then, and is carried too.
        """
        came = self._read(ready)
        if came and len(self._sources) > 1:
            came = self._read(number for number in self._wait(0) if number not in came) | came
        for number, data in came.items():
            self._writers[number].write(data)
        self._close([number for number in self._sources if self._writers[number].is_broken])
        for number, data in in_order(came):
            self._hear(number, data)
        return {number: len(data) for number, data in came.items()}

    def _read(self, channels: Iterable[int]) -> dict[int, bytes]:
        came = {number: _read(self._sources[number]) for number in channels}
        self._close([number for number, data in came.items() if not data])
        return {number: data for number, data in came.items() if data}

    def _carry_the_rest(self) -> None:
        """Carry what the command printed last, however long that takes others to read, and until it is quiet.

        Somebody whom it left behind may print on, and is not waited for.
        """
        left = {number: _size_of(source) for number, source in self._sources.items()}
        while any(left[number] > 0 for number in self._sources):
            for number, size in self._carry(self._wait(None)).items():
                left[number] -= size
        until = time.monotonic() + self._last_words_s
        quiet_at = time.monotonic() + _QUIET_AFTER_S
        while self._sources and (rest_s := min(until, quiet_at) - time.monotonic()) > 0:
            if self._carry(self._wait(rest_s)):
                quiet_at = time.monotonic() + _QUIET_AFTER_S

    def _close(self, channels: Iterable[int]) -> None:
        for number in channels:
            os.close(self._sources.pop(number))


def _read(source: int) -> bytes:
    with contextlib.suppress(OSError):  # EIO is how a terminal says that everybody has gone
        return os.read(source, _AT_ONCE_BYTES)
    return b""


def _size_of(source: int) -> int:
    """Return how many bytes can be read."""
    size = array("i", [0])
    with contextlib.suppress(OSError):
        fcntl.ioctl(source, termios.FIONREAD, size)
    return size[0]
