"""What a websocket may cost: who asks for one in a way that cannot be read, or does not read, is hung up on."""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from trainwatch.door.reader_watch import WHOLE_WITHIN_S, ReaderWatch
from trainwatch.door.refusal import whole_answer
from trainwatch.errors import BadRequestError

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class SocketConnection(WebSocketsSansIOProtocol):
    """Uvicorn's own, which would wait for ever for a client to read, even to tell it that it is hung up on."""

    read_within_s = WHOLE_WITHIN_S

    _reader: ReaderWatch
    _is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        super().connection_made(transport)
        self._reader = ReaderWatch(self.transport, self.loop, self.read_within_s)

    def data_received(self, data: bytes) -> None:
        """Take what came; a handshake that cannot be read is refused, where uvicorn's own would leave it waiting."""
        super().data_received(data)
        if not self.handshake_initiated and (wrong := self.conn.handshake_exc) is not None:
            error = BadRequestError(f"the websocket's handshake cannot be read: {wrong}")
            self.transport.write(whole_answer(400, error))
            self.transport.close()

    async def send(self, message: "ASGISendEvent") -> None:
        """Send; a handshake that is answered with a refusal is over, which uvicorn's own would log as an error."""
        await super().send(message)
        self.handshake_complete = self.handshake_complete or self.close_sent

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than we write."""
        super().pause_writing()
        self._reader.start()

    def resume_writing(self) -> None:
        """Note that the client went on reading."""
        super().resume_writing()
        self._reader.stop()
        if self._is_over:
            self._reader.start()

    async def run_asgi(self) -> None:
        """Let the application serve; what is then still on its way must be read in time."""
        await super().run_asgi()
        self._is_over = True
        if not self.disconnected:
            self._reader.start()

    def keepalive_timeout(self) -> None:
        """Hang up: who does not answer a ping will not read a farewell."""
        super().keepalive_timeout()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._reader.stop()
        super().connection_lost(exc)
