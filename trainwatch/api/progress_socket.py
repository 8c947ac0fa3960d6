"""`/ws/progress`: how tracked tasks get on, told as it happens to whoever listens."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from trainwatch.api.progress_texts import (
    Place,
    Wish,
    change_text,
    deleted_text,
    hello_text,
    parse_query,
    parse_said,
    ready_text,
    snapshot_text,
)
from trainwatch.domain.events import Event, Tracked, Untracked
from trainwatch.domain.tracked.told import Standing
from trainwatch.errors import BadRequestError, TooLargeError, TrainwatchError, UnavailableError
from trainwatch.live.stream import Follower, Said, Stream

PATH = "/ws/progress"

NOT_UNDERSTOOD = 1008
TRY_AGAIN = 1013
"""Why we hang up, as the registry of RFC 6455 has it."""

TOGETHER = 100
"""How many messages a listener is sent before it is another's turn."""

Read = Callable[[Wish], Awaitable[Sequence[Standing]]]
"""Returns the wanted tasks as they are; whatever they show has been told to the stream when it returns."""


def tell_progress(stream: Stream, events: Sequence[Event]) -> None:
    """Say what happened to tracked tasks; call it at the moment at which it is published."""
    for event in events:
        match event:
            case Tracked(progress=progress):
                stream.say(progress.task_id, change_text(stream.last + 1, progress))
            case Untracked(name=name):
                stream.say(name, deleted_text(stream.last + 1, name))
            case _:
                pass


class ProgressSocket:
    """Tells each listener every change in order, or hangs up: nothing is left out silently."""

    def __init__(self, stream: Stream, read: Read) -> None:
        """Tell what `stream` says, after what `read` returns."""
        self._stream = stream
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket until one of the two ends it."""
        if (await receive())["type"] != "websocket.connect":
            return
        with suppress(OSError):  # the client has gone
            await send({"type": "websocket.accept"})
            try:
                await self._talk(scope["query_string"], receive, send)
            except (BadRequestError, TooLargeError) as error:
                await send(_closing(NOT_UNDERSTOOD, error.message))
            except TrainwatchError as error:
                await send(_closing(TRY_AGAIN, error.message))

    async def _talk(self, query: bytes, receive: Receive, send: Send) -> None:
        """Talk until the client leaves.

        Raises:
            BadRequestError: If it asks for what makes no sense.
            UnavailableError: If it is too slow, or cannot be told now how its tasks stand.
        """
        wish, place = parse_query(query)
        is_known = place is not None and self._knows(place)
        position = place.after if place is not None and is_known else self._stream.last
        with self._stream.following(position) as follower:
            talk = _Talk(self._stream, self._read, follower, send)
            await _first_of(talk.tell(wish, is_resumed=is_known), talk.listen(receive))

    def _knows(self, place: Place) -> bool:
        """Whether all that was said after `place` is still here."""
        return place.stream == self._stream.id and self._stream.since(place.after, most=0) is not None


class _Talk:
    """One listener's conversation: what it wants, and how far it has been told."""

    def __init__(self, stream: Stream, read: Read, follower: Follower, send: Send) -> None:
        self._stream = stream
        self._read = read
        self._follower = follower
        self._send = send
        self._asked: Wish | None = None

    async def listen(self, receive: Receive) -> None:
        """Hear what the client wants, until it leaves."""
        while (message := await receive())["type"] == "websocket.receive":
            self._asked = parse_said(message.get("text") or "")
            self._follower.news.set()

    async def tell(self, wish: Wish, *, is_resumed: bool) -> None:
        """Tell of each change that is wanted, for as long as the client keeps up."""
        await self._say(hello_text(self._stream.id, self._follower.position, resumed=is_resumed))
        if not is_resumed:
            await self._show(wish)
        await self._say(ready_text(self._follower.position))
        while True:
            self._follower.news.clear()
            if self._asked is not None:
                wish, self._asked = self._asked, None
                await self._show(wish)
                await self._say(ready_text(self._follower.position))
            await self._catch_up(wish)
            await self._follower.news.wait()

    async def _show(self, wish: Wish) -> None:
        """Tell how the wanted tasks stood at the follower's position.

        One that changed, or went, while they were read is left to that change, which tells all of it.
        """
        found = await self._read(wish)
        changed = {message.topic for message in self._missed()}
        for standing in found:
            if standing.progress.task_id not in changed:
                await self._say(snapshot_text(self._follower.position, standing))

    async def _catch_up(self, wish: Wish) -> None:
        while missed := self._missed(most=TOGETHER):
            for message in missed:
                if wish.covers(message.topic):
                    await self._say(message.text)
                self._follower.position += 1
            if len(missed) == TOGETHER:
                await asyncio.sleep(0)

    def _missed(self, *, most: int | None = None) -> Sequence[Said]:
        missed = self._stream.since(self._follower.position, most=most)
        if missed is None:
            raise UnavailableError("too slow: what comes next is not kept any more; connect again")
        return missed

    async def _say(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})


def _closing(code: int, reason: str) -> Message:
    """Return what hangs up; the protocol takes 123 bytes of a reason."""
    told = reason.encode()[:123].decode(errors="ignore")
    return {"type": "websocket.close", "code": code, "reason": told}


async def _first_of(*conversation: Coroutine[Any, Any, None]) -> None:
    """Await the first of them to end, and end the others; raise what it raised."""
    tasks = [asyncio.create_task(each) for each in conversation]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
