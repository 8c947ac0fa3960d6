"""What a connection may cost: who begins and does not go on is hung up on, and a crowd is kept small."""

import asyncio
import socket
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trainwatch.door.joined import JoinedWriter
from trainwatch.door.refusal import whole_answer
from trainwatch.errors import BadRequestError, TooLargeError, TrainwatchError, UnavailableError

WHOLE_WITHIN_S = 30.0
"""How long a request may take to arrive, and how long a client may take to go on reading an answer."""

CONSOLE = "trainwatch.console"
"""Where a request's scope says that it came through the socket file, which only the server's own user can open."""

MOST_HEAD_BYTES = 1 << 16


class Connection(HttpToolsProtocol):
    """Uvicorn's own, which would wait for ever for the rest of a request, or for a client to read.

    A websocket leaves this class when it is accepted; its pings notice who has gone.
    """

    whole_within_s = WHOLE_WITHIN_S
    most_connections = 2_000

    _is_console = False
    _awaited: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _is_whole = True
    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it if there are too many."""
        super().connection_made(transport)
        self._is_console = transport.get_extra_info("socket").family == socket.AF_UNIX
        if len(self.connections) > self.most_connections:
            self._refuse(503, UnavailableError("too many connections are open; close some and try again"))
        else:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_awaiting()
        self._stop_watching_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that has begun must be whole in time."""
        super().data_received(data)
        if not self._is_whole or self._is_idle():
            self._await_request()
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(431, TooLargeError(f"the head is longer than {MOST_HEAD_BYTES} bytes"))

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[CONSOLE] = (
            self._is_console
        )  # a websocket gets a scope of its own, without this
        self._is_whole, self._is_in_head, self._head_bytes = False, True, 0

    def on_headers_complete(self) -> None:
        """Let the application answer."""
        self._is_in_head = False
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # an upgrade makes none
            self.cycle.transport = cast("asyncio.Transport", JoinedWriter(self.transport, self.loop))

    def on_message_complete(self) -> None:
        """Await nothing while the answer is made."""
        super().on_message_complete()
        self._is_whole = True
        self._stop_awaiting()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over."""
        super().handle_websocket_upgrade()
        self._stop_awaiting()

    def on_response_complete(self) -> None:
        """Watch whether what is still on its way gets read."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._watch_reader()

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than we write."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """Note that the client went on reading."""
        super().resume_writing()
        self._stop_watching_reader()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, in the shape of all our errors."""
        self._refuse(400, BadRequestError(msg))

    def _is_idle(self) -> bool:
        """Whether what came was no request, though it ended the wait for the next one."""
        is_answered = not self.cycle or self.cycle.response_complete
        return is_answered and self.timeout_keep_alive_task is None

    def _await_request(self) -> None:
        if self._awaited is None and not self.transport.is_closing():
            self._awaited = self.loop.call_later(self.whole_within_s, self._give_up)

    def _stop_awaiting(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

    def _give_up(self) -> None:
        self._awaited = None
        if not self._is_whole and not self._is_in_head and self.cycle.response_started:
            self.transport.close()  # it was answered before it had come
        else:
            self._refuse(408, BadRequestError(f"the request was not whole within {self.whole_within_s:g} s"))

    def _watch_reader(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(self.whole_within_s, self._leave_unread)

    def _stop_watching_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _leave_unread(self) -> None:
        self._unread = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, status: int, error: TrainwatchError) -> None:
        """Answer before, or instead of, the application; then close."""
        if self.transport.is_closing():
            return
        self.transport.write(whole_answer(status, error))
        self.transport.close()
