"""Closes connections whose client does not go on reading what it asked for."""

import asyncio
import fcntl
import struct
import termios

WHOLE_WITHIN_S = 30.0
"""How long a request may take to arrive, and how long a client may take to go on reading an answer."""

LEAST_BYTES = 1 << 14
"""How much of a longer body, or of what is on its way to a client, must pass in that time: 0.5 KiB/s."""


class ReaderWatch:
    """Aborts a transport that gets rid of fewer than `LEAST_BYTES` of its buffer in `within_s`.

    Start it only while nothing more is written, or when what is written waits for the buffer.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, within_s: float
    ) -> None:
        """Watch nothing yet."""
        self._transport = transport
        self._loop = loop
        self._within_s = within_s
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Watch until the buffer is empty; a watch that has begun goes on."""
        if self._timer is None and self._transport.get_write_buffer_size():
            self._timer = self._loop.call_later(self._within_s, self._look, self._unread())

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, size_before: int) -> None:
        self._timer = None
        if self._transport.get_write_buffer_size() and size_before - self._unread() < LEAST_BYTES:
            self._transport.abort()
        else:
            self.start()

    def _unread(self) -> int:
        """Return how much is on its way; the kernel takes megabytes, and asks for more when it got rid of a third."""
        file: int = self._transport.get_extra_info("socket").fileno()
        (in_kernel,) = struct.unpack("i", fcntl.ioctl(file, termios.TIOCOUTQ, bytes(4)))
        return self._transport.get_write_buffer_size() + in_kernel
