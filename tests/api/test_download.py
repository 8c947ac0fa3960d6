"""A download holds its database connection no longer than somebody listens."""

import asyncio
from collections.abc import Generator

import pytest
from starlette.types import Message

from trainwatch.api.download import Downloads
from trainwatch.errors import UnavailableError


class File:
    """Pieces that know whether they were let go of."""

    def __init__(self, length: int) -> None:
        self.given = 0
        self.is_open = True
        self._length = length

    def pieces(self) -> Generator[str]:
        try:
            while self.given < self._length:
                self.given += 1
                yield f"{self.given},"
        finally:
            self.is_open = False


class Client:
    """Hangs up after so many pieces, or never begins to read."""

    def __init__(self, *, hangs_up_after: int = 1_000_000, reads: bool = True) -> None:
        self.heard: list[Message] = []
        self._left = asyncio.Event()
        self._hangs_up_after = hangs_up_after
        self._reads = reads

    async def receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._reads:
            await asyncio.Event().wait()
        self.heard.append(message)
        if len(self.heard) > self._hangs_up_after:
            self._left.set()
            await asyncio.sleep(0)

    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.heard)


def test_a_download_is_sent_whole_and_closed():
    async def scenario() -> Client:
        client = Client()
        response = Downloads().of(file.pieces(), name="x.csv", media_type="text/csv")
        await response({"type": "http"}, client.receive, client.send)
        return client

    file = File(3)
    client = asyncio.run(scenario())
    assert client.body() == b"1,2,3,"
    assert client.heard[-1].get("more_body", False) is False
    assert (b"content-disposition", b'attachment; filename="x.csv"') in client.heard[0]["headers"]
    assert not file.is_open


def test_nothing_more_is_read_when_the_client_has_gone():
    async def scenario() -> None:
        client = Client(hangs_up_after=5)
        response = Downloads().of(file.pieces(), name="x", media_type="text/csv")
        await response({"type": "http"}, client.receive, client.send)

    file = File(1_000)
    asyncio.run(scenario())
    assert file.given < 10
    assert not file.is_open


def test_few_downloads_go_on_at_once_and_one_that_is_cut_off_makes_room():
    async def scenario() -> None:
        downloads = Downloads(at_once=1)
        client = Client(reads=False)
        response = downloads.of(file.pieces(), name="x", media_type="text/csv")
        stalled = asyncio.ensure_future(response({"type": "http"}, client.receive, client.send))
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            downloads.of(File(1).pieces(), name="y", media_type="text/csv")
        stalled.cancel()
        await asyncio.wait([stalled])
        downloads.of(File(1).pieces(), name="y", media_type="text/csv")

    file = File(10)
    asyncio.run(scenario())
    assert file.given == 0
