"""A long answer made while it is read. Who reads slowly costs a file at most, and nobody else their turn."""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Generator, Hashable
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trainwatch.errors import UnavailableError

MOST = 32
MOST_OF_CALLER = 8

MADE_AT_ONCE = 4
"""How many spooled downloads are made at the same time; the next one waits until one is whole."""

_READ_AT_ONCE = 1 << 16

Pieces = Generator[str] | Generator[bytes]


class Downloads:
    """The downloads that are under way.

    `are_spooled` is for pieces that hold something scarce, such as a connection to the database: they are made as
    fast as they can be, and kept in a temporary file for a client that reads more slowly.
    """

    def __init__(self, *, are_spooled: bool, most: int = MOST, most_of_caller: int = MOST_OF_CALLER) -> None:
        """Allow `most` at once, of them `most_of_caller` to each caller."""
        self._are_spooled = are_spooled
        self._most = most
        self._most_of_caller = most_of_caller
        self._making = asyncio.Semaphore(MADE_AT_ONCE)
        self.under_way: Counter[Hashable] = Counter()

    def of(self, pieces: Pieces, *, name: str, media_type: str, caller: Hashable) -> Response:
        """Return `pieces` as a file of that name; they are closed in any case.

        Raises:
            UnavailableError: If too many are under way, of that caller or of all.
        """
        if self.under_way[caller] >= self._most_of_caller or self.under_way.total() >= self._most:
            raise UnavailableError("other files are being downloaded now, try again when they are done")
        made = _spooled(pieces, self._making) if self._are_spooled else _in_turn(pieces)
        return _Download(self, made, name, media_type, caller)


class _Download(Response):
    def __init__(
        self, downloads: Downloads, made: AsyncGenerator[bytes], name: str, media_type: str, caller: Hashable
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self._downloads = downloads
        self._made = made
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send piece by piece, until the end or until the client has gone."""
        under_way = self._downloads.under_way
        under_way[self._caller] += 1
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.wait({sending, gone})
            under_way[self._caller] -= 1
            if not under_way[self._caller]:
                del under_way[self._caller]

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for body in self._made:
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            await self._made.aclose()
        await send({"type": "http.response.body"})


async def _in_turn(pieces: Pieces) -> AsyncGenerator[bytes]:
    """Yield each piece, made when it is asked for."""
    try:
        while body := await asyncio.to_thread(_next_of, pieces):
            yield body
    finally:
        _close(pieces)


async def _spooled(pieces: Pieces, making: asyncio.Semaphore) -> AsyncGenerator[bytes]:
    """Yield what the pieces hold, which are made meanwhile."""
    with tempfile.TemporaryFile(buffering=0) as file:
        spool = _Spool(file.fileno())
        maker = asyncio.ensure_future(spool.fill(pieces, making))
        try:
            sent = 0
            while body := await spool.read(sent):
                sent += len(body)
                yield body
            await maker
        finally:
            maker.cancel()
            await asyncio.wait({maker})


class _Spool:
    """A file that is written at its end, and read from anywhere before it."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._size = 0
        self._is_whole = False
        self._has_grown = asyncio.Event()

    async def fill(self, pieces: Pieces, making: asyncio.Semaphore) -> None:
        """Write all of `pieces`, when it is their turn."""
        try:
            async with making:
                while size := await _to_the_end(asyncio.to_thread(self._take, pieces)):
                    self._size += size
                    self._has_grown.set()
        finally:
            _close(pieces)
            self._is_whole = True
            self._has_grown.set()

    async def read(self, offset: int) -> bytes:
        """Return what comes after `offset`, once there is something; nothing at the end."""
        while offset >= self._size and not self._is_whole:
            self._has_grown.clear()
            await self._has_grown.wait()
        most = min(_READ_AT_ONCE, self._size - offset)
        return await asyncio.to_thread(os.pread, self._file, most, offset) if most else b""

    def _take(self, pieces: Pieces) -> int:
        """Write some pieces and return how long they are; nothing at the end."""
        size = 0
        while size < _READ_AT_ONCE and (body := _next_of(pieces)):
            size += len(body)
            left = memoryview(body)
            while left:
                left = left[os.write(self._file, left) :]
        return size


async def _to_the_end(step: Coroutine[Any, Any, int]) -> int:
    """Await a thread, also when cancelled: it must not write to a file that has been closed."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait({task})


def _next_of(pieces: Pieces) -> bytes:
    """Return the next piece that is not empty; nothing at the end."""
    for piece in pieces:
        if piece:
            return piece if isinstance(piece, bytes) else piece.encode()
    return b""


def _close(pieces: Pieces) -> None:
    with suppress(ValueError):  # a thread is just making the next one: the server ends
        pieces.close()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
