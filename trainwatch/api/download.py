"""A long answer made while it is read: it lets go of what it reads from as soon as nobody listens."""

import asyncio
from collections.abc import Generator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trainwatch.errors import UnavailableError

AT_ONCE = 4


class Downloads:
    """The downloads that are under way; each holds a reading connection or a file, so there are few."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Allow that many at once."""
        self._at_once = at_once
        self._under_way = 0

    def of(self, pieces: Generator[str] | Generator[bytes], *, name: str, media_type: str) -> Response:
        """Return `pieces` as a file of that name; they are closed in any case.

        Raises:
            UnavailableError: If too many are under way.
        """
        if self._under_way >= self._at_once:
            raise UnavailableError("other files are being downloaded now, try again when they are done")
        return _Download(self, pieces, name, media_type)

    def begin(self) -> None:
        """Count one more."""
        self._under_way += 1

    def end(self) -> None:
        """Count one less."""
        self._under_way -= 1


class _Download(Response):
    def __init__(
        self, downloads: Downloads, pieces: Generator[str] | Generator[bytes], name: str, media_type: str
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self._downloads = downloads
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send piece by piece, until the end or until the client has gone."""
        gone = asyncio.ensure_future(_hung_up(receive))
        self._downloads.begin()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not gone.done():
                piece = await asyncio.to_thread(next, self._pieces, None)
                if piece is None:
                    await send({"type": "http.response.body"})
                    break
                body = piece if isinstance(piece, bytes) else piece.encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            self._downloads.end()
            gone.cancel()
            with suppress(ValueError):  # it is just being asked for a piece: the server ends
                self._pieces.close()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
