"""What the command prints, copied into its task's log by a thread that nobody waits for."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from trainwatch.companion.merging import OPEN_AFTER_S, LineMerger

if TYPE_CHECKING:
    from trainwatch.client.hook import Hook

MOST_HELD_BYTES = 512 << 10
"""Of what no server has taken yet at most so much is held, the newest; the log says how much is missing before it."""

_PIECE_BYTES = 256 << 10
_REST_S = 0.25
_BUSY_SHARE = 0.1
"""How much of its time is spent on sending while there is a piece to send: the processor is the command's."""

_LONGEST_REST_S = 5.0
_SHORTEST_REST_S = 0.1


class Copy:
    """Sends bytes to the log of a task, in order, as soon as there is a task.

    What is printed slowly goes along four times a second. While there is more, pieces follow each other with rests
    that are nine times as long as it took to send the last one, so a flood gets through in part.
    """

    def __init__(self, channels: int = 1) -> None:
        """Hold nothing yet, of so many channels."""
        self._merger = LineMerger(channels)
        self._held = bytearray()
        self._start = 0  # of what is held, counted from the first byte that was printed
        self._task_id: int | None = None
        self._changed = threading.Condition()
        self._is_over = False
        self._is_refused = False
        self._thread: threading.Thread | None = None

    def start(self, hook: "Hook") -> None:
        """Begin to send what is there already and what comes, by a hook that nobody else uses."""
        self._thread = threading.Thread(target=self._run, args=(hook,), name="copy", daemon=True)
        self._thread.start()

    def belong_to(self, task_id: int) -> None:
        """Be of this task."""
        with self._changed:
            self._task_id = task_id
            self._changed.notify()

    def take(self, data: bytes, channel: int = 0) -> None:
        """Take the next bytes of a channel; never waits. Once a server has refused them for good they are nobody's."""
        if self._is_refused:
            return
        with self._changed:
            self._add(self._merger.take(channel, data, time.monotonic()))

    def _add(self, data: bytes) -> None:
        held = len(self._held)
        self._held += data
        if not held or self._merger.holds or held < _PIECE_BYTES <= len(self._held):
            self._changed.notify()
        if len(self._held) > MOST_HELD_BYTES:
            self._drop(len(self._held) - MOST_HELD_BYTES // 2)  # to drop little each time takes longer

    def finish(self, seconds: float, is_impatient: Callable[[], bool]) -> None:
        """Send what is left, for `seconds` at most or until somebody is impatient; nothing if there never was a task."""
        with self._changed:
            self._add(self._merger.finish())
            self._is_over = True
            self._changed.notify()
        until = time.monotonic() + seconds
        while self._thread is not None and self._task_id is not None and self._thread.is_alive():
            if time.monotonic() > until or is_impatient():
                break
            self._thread.join(0.05)

    def rest(self) -> tuple[int, bytes] | None:
        """Return what was not sent, and from which byte on it is; None if that is nothing, or nobody's."""
        with self._changed:
            self._add(self._merger.finish())
            return (self._start, bytes(self._held)) if self._held else None

    def _run(self, hook: "Hook") -> None:
        from trainwatch.client.hook import RefusedError, UnreachedError  # noqa: PLC0415 - the command shall not wait

        rest_s, failing_s = 0.0, _REST_S
        while (piece := self._next(rest_s)) is not None:
            task_id, offset, data = piece
            began = time.monotonic()
            try:
                hook.append(task_id, data, offset=offset)
            except UnreachedError as error:
                rest_s = failing_s = max(min(2 * failing_s, _LONGEST_REST_S), error.after_s)
                time.sleep(_SHORTEST_REST_S)
            except RefusedError:  # a server that keeps no logs of others, or a task that was deleted
                self._let_go()
                break
            else:
                rest_s, failing_s = (time.monotonic() - began) * (1 / _BUSY_SHARE - 1), _REST_S
                with self._changed:
                    self._drop(offset + len(data) - self._start)
        hook.close()

    def _let_go(self) -> None:
        with self._changed:
            self._is_refused = True
            self._held.clear()

    def _next(self, rest_s: float) -> tuple[int, int, bytes] | None:
        """Return of which task what is to be sent next, and where it stands; None if nothing more will come.

        It rests for `rest_s`, and for a while until there is a whole piece: what comes meanwhile goes along.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_over, rest_s)
            self._changed.wait_for(lambda: self._is_over or len(self._held) >= _PIECE_BYTES, _REST_S)
            self._add(self._merger.ripe(time.monotonic()))
            while not (self._is_over or (self._held and self._task_id is not None)):
                self._changed.wait(OPEN_AFTER_S if self._merger.holds else None)
                self._add(self._merger.ripe(time.monotonic()))
            if not self._held or self._task_id is None:
                return None
            return self._task_id, self._start, bytes(memoryview(self._held)[:_PIECE_BYTES])

    def _drop(self, size: int) -> None:
        """Drop so many of the oldest bytes; none if they were dropped meanwhile."""
        if size > 0:
            del self._held[:size]
            self._start += size
