"""What a connection may cost: one that stalls in the middle of a request is closed, and a crowd is kept small."""

import asyncio
import socket
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trainwatch.door.addresses import neighbourhood
from trainwatch.door.connection_limits import ConnectionLimits
from trainwatch.door.joined import JoinedWriter
from trainwatch.door.reader_watch import LEAST_BYTES, WHOLE_WITHIN_S, ReaderWatch
from trainwatch.door.refusal import whole_answer
from trainwatch.errors import BadRequestError, TooLargeError, TrainwatchError, UnavailableError

CONSOLE = "trainwatch.console"
"""Where a request's scope says that it came through the socket file, which only the server's own user can open."""

MOST_HEAD_BYTES = 1 << 16


class Connection(HttpToolsProtocol):
    """Uvicorn's own, which would wait for ever for the rest of a request, or for a client to read.

    A head must be whole in `whole_within_s`, a body within as long again for each `LEAST_BYTES` of it. A websocket
    leaves this class when it is accepted, and with it every timer; its pings notice who has gone.
    """

    whole_within_s = WHOLE_WITHIN_S
    limits = ConnectionLimits()

    is_console = False
    _reader: ReaderWatch
    _awaited: asyncio.TimerHandle | None = None
    _refusal: bytes | None = None
    _is_handed_over = False
    _is_whole = True
    _is_in_head = False
    _head_bytes = 0
    _body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it if there are too many."""
        super().connection_made(transport)
        self.is_console = transport.get_extra_info("socket").family == socket.AF_UNIX
        self._reader = ReaderWatch(transport, self.loop, self.whole_within_s)
        if (too_many := self._too_many()) is not None:
            self._refuse(503, UnavailableError(f"too many connections are open{too_many}; try again later"))
        else:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_awaiting()
        self._reader.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that has begun must be whole in time."""
        if self._refusal is not None:
            return
        super().data_received(data)
        if self._is_handed_over:
            return
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(431, TooLargeError(f"the head is longer than {MOST_HEAD_BYTES} bytes"))
        elif not self._is_whole:
            self._body_bytes += len(data)
            if self._body_bytes >= LEAST_BYTES:
                self._body_bytes = 0
                self._stop_awaiting()
        if not self._is_whole or self._is_idle():
            self._await_request()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[CONSOLE] = (
            self.is_console
        )  # a websocket gets a scope of its own, without this
        self._is_whole, self._is_in_head, self._head_bytes, self._body_bytes = False, True, 0, 0

    def on_headers_complete(self) -> None:
        """Let the application answer."""
        self._is_in_head = False
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # an upgrade makes none
            self.cycle.transport = cast("asyncio.Transport", JoinedWriter(self.transport, self.loop))
            if not self.flow.write_paused:
                self._reader.stop()  # what is written next would look like what was not read

    def on_message_complete(self) -> None:
        """Await nothing while the answer is made."""
        super().on_message_complete()
        self._is_whole = True
        self._stop_awaiting()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unless another answer is on its way through it."""
        if self._is_answering_another():
            self._refuse(400, BadRequestError("a websocket must not begin before the last answer has ended"))
            return
        self._is_handed_over = True
        self._stop_awaiting()
        self._reader.stop()
        super().handle_websocket_upgrade()

    def on_response_complete(self) -> None:
        """Watch whether what is still on its way gets read; refuse what came after."""
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last:
            self._reader.start()
        if is_last and self._refusal is not None:
            self.loop.call_soon(self._end_with, self._refusal)  # the writer may hold a head until then

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than we write."""
        super().pause_writing()
        self._reader.start()

    def resume_writing(self) -> None:
        """Note that the client went on reading."""
        super().resume_writing()
        self._reader.stop()
        if not self.cycle or self.cycle.response_complete:
            self._reader.start()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, in the shape of all our errors."""
        self._refuse(400, BadRequestError(msg))

    def _too_many(self) -> str | None:
        """Return of whom there are too many connections; None if this one may stay. Nobody counts the console's."""
        if self.is_console or len(self.connections) <= self.limits.most_of_address:
            return None
        others = [each for each in self.connections if not getattr(each, "is_console", False)]
        if len(others) > self.limits.most:
            return ""
        here = _address_of(self)
        if self.limits.is_shared(here):
            return None
        count = sum(1 for each in others if neighbourhood(_address_of(each)) == neighbourhood(here))
        return " from this address" if count > self.limits.most_of_address else None

    def _is_idle(self) -> bool:
        """Whether what came was no request, though it ended the wait for the next one."""
        is_answered = not self.cycle or self.cycle.response_complete
        return is_answered and self.timeout_keep_alive_task is None

    def _is_answering_another(self) -> bool:
        """Whether an answer is being made to a request before the one that is not whole."""
        if not self.cycle or self.cycle.response_complete:
            return False
        return self._is_whole or self._is_in_head or bool(self.pipeline)

    def _await_request(self) -> None:
        if self._awaited is None and self._refusal is None and not self.transport.is_closing():
            self._awaited = self.loop.call_later(self.whole_within_s, self._give_up)

    def _stop_awaiting(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

    def _give_up(self) -> None:
        self._awaited = None
        if self.flow.read_paused or self._is_answering_another():
            self._await_request()  # it is our turn, not the client's
        else:
            self._refuse(408, BadRequestError(f"the request was not whole within {self.whole_within_s:g} s"))

    def _refuse(self, status: int, error: TrainwatchError) -> None:
        """Answer before, or instead of, the application, once the requests before are answered; then close."""
        if self._is_answering_another():
            self._refusal = whole_answer(status, error)
            self._stop_awaiting()
            if self._is_in_body():
                self.pipeline.popleft()
        elif self._is_in_body() and self.cycle.response_started:
            self._close()  # it was answered before it had come
        else:
            self._end_with(whole_answer(status, error))

    def _is_in_body(self) -> bool:
        return not self._is_whole and not self._is_in_head

    def _end_with(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self._close()

    def _close(self) -> None:
        self.transport.close()
        self._reader.start()


def _address_of(connection: object) -> str:
    client: tuple[str, int] | None = getattr(connection, "client", None)
    return client[0] if client else ""
