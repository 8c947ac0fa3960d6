"""Answers leave whole: the head of one goes with the first of its body, not in a packet before it.

But for one that begins with "100 Continue", which takes the head's place.
"""

import asyncio


class JoinedWriter:
    """The transport of one answer. What it holds back leaves with what follows, or at the event loop's next turn.

    Uvicorn writes head and body apart: two system calls, two packets, and a client that wakes for half an answer.
    """

    __slots__ = ("_flushing", "_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Write to `transport`."""
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._flushing: asyncio.Handle | None = None

    def write(self, data: bytes) -> None:
        """Hold back what comes first; send what follows, and with it what was held."""
        if self._flushing is None:
            self._head = data
            self._flushing = self._loop.call_soon(self.flush)
        elif self._head:
            self._flushing.cancel()
            head, self._head = self._head, b""
            self._transport.write(head + data)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send what is held back, unless the client has gone."""
        if self._head and not self._transport.is_closing():
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close the transport, once everything is sent."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the transport is closing or closed."""
        return self._transport.is_closing()
