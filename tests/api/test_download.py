"""A download holds what it is made from no longer than somebody listens, nor because somebody reads slowly."""

import asyncio
from collections.abc import Callable, Generator

import pytest
from starlette.responses import Response
from starlette.types import Message

from trainwatch.api.download import MOST_OF_CALLER, Downloads
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
    """Hangs up or waits after so many messages, or never begins to read."""

    def __init__(
        self, *, hangs_up_after: int = 1_000_000, waits_after: int = 1_000_000, reads: bool = True
    ) -> None:
        self.goes_on = asyncio.Event()
        self._waits_after = waits_after
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
        if len(self.heard) > self._waits_after:
            await self.goes_on.wait()
        if len(self.heard) > self._hangs_up_after:
            self._left.set()
            await asyncio.sleep(0)

    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.heard)


def download(downloads: Downloads, file: File, caller: str = "alice") -> Response:
    return downloads.of(file.pieces(), name="x.csv", media_type="text/csv", caller=caller)


async def begin(response: Response, client: Client) -> "asyncio.Task[None]":
    """Let `client` download, and return when it has begun."""
    task = asyncio.ensure_future(response({"type": "http"}, client.receive, client.send))
    await asyncio.sleep(0)
    return task


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not is_so():  # noqa: ASYNC110 - what it waits for is no event
            await asyncio.sleep(0.01)


spooled_or_not = pytest.mark.parametrize("are_spooled", [True, False])


@spooled_or_not
def test_a_download_is_sent_whole_and_closed(are_spooled: bool):
    async def scenario() -> Client:
        client = Client()
        await download(Downloads(are_spooled=are_spooled), file)(
            {"type": "http"}, client.receive, client.send
        )
        return client

    file = File(3_000)
    client = asyncio.run(scenario())
    assert client.body() == b"".join(b"%d," % number for number in range(1, 3_001))
    assert client.heard[-1].get("more_body", False) is False
    assert (b"content-disposition", b'attachment; filename="x.csv"') in client.heard[0]["headers"]
    assert not file.is_open


@spooled_or_not
def test_nothing_more_is_made_when_the_client_has_gone(are_spooled: bool):
    async def scenario() -> None:
        client = Client(hangs_up_after=2)
        await download(Downloads(are_spooled=are_spooled), file)(
            {"type": "http"}, client.receive, client.send
        )

    file = File(10_000_000)
    asyncio.run(scenario())
    assert file.given < 1_000_000
    assert not file.is_open


def test_who_does_not_read_holds_up_nobody_and_keeps_nothing_scarce():
    async def scenario() -> None:
        downloads = Downloads(are_spooled=True)
        stalled, files = Client(reads=False), [File(100) for _ in range(MOST_OF_CALLER)]
        tasks = [await begin(download(downloads, file), stalled) for file in files]
        reader, wanted = Client(), File(3)
        await download(downloads, wanted, "bob")({"type": "http"}, reader.receive, reader.send)
        assert reader.body() == b"1,2,3,"
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert not downloads.under_way

    asyncio.run(scenario())


def test_what_is_read_slowly_is_made_at_once():
    async def scenario() -> None:
        downloads, client = Downloads(are_spooled=True), Client(waits_after=2)
        task = await begin(download(downloads, file), client)
        await until(lambda: file.given == 100_000 and not file.is_open)
        assert not task.done()
        client.goes_on.set()
        await task
        assert client.body().endswith(b",99999,100000,")

    file = File(100_000)
    asyncio.run(scenario())


def test_a_mistake_in_the_middle_leaves_the_answer_unfinished():
    def broken() -> Generator[str]:
        yield "first,"
        raise ValueError("a mistake")

    async def scenario() -> None:
        downloads, client = Downloads(are_spooled=True), Client()
        response = downloads.of(broken(), name="x", media_type="text/csv", caller="alice")
        with pytest.raises(ValueError, match="a mistake"):
            await response({"type": "http"}, client.receive, client.send)
        assert all(message.get("more_body", True) for message in client.heard)
        assert not downloads.under_way

    asyncio.run(scenario())


@spooled_or_not
def test_each_caller_has_some_at_once_all_have_more_and_one_that_is_cut_off_makes_room(are_spooled: bool):
    async def scenario() -> None:
        downloads = Downloads(are_spooled=are_spooled, most=3, most_of_caller=2)
        client = Client(reads=False)
        tasks = [await begin(download(downloads, File(10)), client) for _ in range(2)]
        with pytest.raises(UnavailableError):
            download(downloads, File(1))
        tasks.append(await begin(download(downloads, File(10), "bob"), client))
        with pytest.raises(UnavailableError):
            download(downloads, File(1), "bob")
        tasks[0].cancel()
        await asyncio.wait([tasks[0]])
        download(downloads, File(1), "bob")
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    asyncio.run(scenario())
