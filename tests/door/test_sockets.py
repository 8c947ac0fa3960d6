"""A websocket lasts as long as its caller may stay; one who may not is hung up on, and nothing is left of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.plugins.doors import make_limits
from trainwatch.domain.audit import Actor
from trainwatch.door.identity import Identity
from trainwatch.door.limits import Limits
from trainwatch.door.rights import Right
from trainwatch.door.sockets import CLOSED_BY_US, Sockets
from trainwatch.errors import RateLimitedError

SCOPE: Scope = {"type": "websocket", "path": "/_event/"}
ALICE = Identity(Actor("session", "alice", 1), frozenset(Right))
BOB = Identity(Actor("session", "bob", 2), frozenset(Right))


@dataclass
class Line:
    """Both ends of a websocket without a network."""

    to_app: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    heard: list[Message] = field(default_factory=list[Message])
    sent: list[Message] = field(default_factory=list[Message])
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        return await self.to_app.get()

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Listen until the end, as Engine.IO does."""
        self.has_begun.set()
        while True:
            self.heard.append(await receive())
            if self.heard[-1]["type"] == "websocket.disconnect":
                return


def run(scene: Callable[[Sockets, Limits], Awaitable[None]]) -> None:
    """Play `scene`; no task may outlive it, and no socket may be counted still."""

    async def whole() -> None:
        limits = make_limits()
        await scene(Sockets(limits), limits)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert vars(limits)["_sockets"] == {}

    asyncio.run(whole(), debug=True)


def serve(
    sockets: Sockets,
    line: Line,
    *,
    of: Identity = ALICE,
    may_stay: Callable[[], bool] = lambda: True,
    app: Any = None,
) -> "asyncio.Task[None]":
    """Serve `line` in a task."""
    served = sockets.serve(app or line.app, SCOPE, line.receive, line.send, of=of, may_stay=may_stay)
    return asyncio.create_task(served)


def test_who_may_not_stay_is_hung_up_on_and_the_application_hears_that_they_left():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        allowed = {"alice", "bob"}
        alice, bob = Line(), Line()
        hers = serve(sockets, alice, may_stay=lambda: "alice" in allowed)
        his = serve(sockets, bob, of=BOB, may_stay=lambda: "bob" in allowed)
        await asyncio.gather(alice.has_begun.wait(), bob.has_begun.wait())
        sockets.sweep()
        allowed.discard("alice")
        sockets.sweep()
        sockets.sweep()
        await asyncio.wait_for(hers, 1)
        assert alice.sent == [{"type": "websocket.close", "code": CLOSED_BY_US, "reason": "signed out"}]
        assert alice.heard == [{"type": "websocket.disconnect", "code": CLOSED_BY_US}]
        assert bob.sent == []
        assert not his.done()
        await bob.to_app.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(his, 1)

    run(scene)


def test_what_was_said_before_the_end_is_heard_in_order():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        said = [{"type": "websocket.receive", "text": str(number)} for number in range(100)]
        for message in [*said, {"type": "websocket.disconnect", "code": 1001}]:
            line.to_app.put_nowait(message)
        await asyncio.wait_for(serve(sockets, line), 1)
        assert line.heard == [*said, {"type": "websocket.disconnect", "code": 1001}]
        assert line.sent == []

    run(scene)


def test_an_application_that_fails_leaves_nothing_behind():
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise ValueError("a mistake")

    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        line.to_app.put_nowait({"type": "websocket.connect"})
        with pytest.raises(ValueError, match="a mistake"):
            await serve(sockets, line, app=failing)
        sockets.sweep()

    run(scene)


def test_a_socket_that_the_server_ends_leaves_nothing_behind():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        task = serve(sockets, line)
        await line.has_begun.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert line.sent == []

    run(scene)


def test_a_broken_line_is_the_applications_business_and_leaves_nothing_behind():
    async def broken() -> Message:
        raise ConnectionError("gone")

    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        line.receive = broken  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await serve(sockets, line)

    run(scene)


def test_too_many_are_refused_before_the_application_hears_of_them():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        lines = [Line() for _ in range(64)]
        tasks = [serve(sockets, line) for line in lines]
        await asyncio.gather(*(line.has_begun.wait() for line in lines))
        late = Line()
        with pytest.raises(RateLimitedError):
            await serve(sockets, late)
        assert not late.has_begun.is_set()
        lines[0].to_app.put_nowait({"type": "websocket.disconnect"})
        await tasks[0]
        tasks[0] = serve(sockets, late)
        for line in [late, *lines[1:]]:
            line.to_app.put_nowait({"type": "websocket.disconnect"})
        await asyncio.wait_for(asyncio.gather(*tasks), 1)

    run(scene)


def test_who_is_hung_up_on_before_being_let_in_never_is():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        task = serve(sockets, line, may_stay=lambda: False)
        await line.has_begun.wait()
        sockets.sweep()
        await asyncio.wait_for(task, 1)
        assert [message["type"] for message in line.sent] == ["websocket.close"]
        assert [message["type"] for message in line.heard] == ["websocket.disconnect"]

    run(scene)


def test_who_never_stops_talking_is_hung_up_on_like_anybody():
    async def talk() -> Message:
        return {"type": "websocket.receive", "text": "and another thing"}

    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        line.receive = talk  # type: ignore[method-assign]
        task = serve(sockets, line, may_stay=lambda: False)
        await line.has_begun.wait()
        sockets.sweep()
        await asyncio.wait_for(task, 1)
        assert line.heard[-1]["type"] == "websocket.disconnect"

    run(scene)


def test_who_may_not_stay_is_told_nothing_more_though_the_application_talks_on():
    async def scene(sockets: Sockets, limits: Limits) -> None:
        line = Line()
        has_said = asyncio.Event()

        async def talkative(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "websocket.send", "text": "before"})
            line.has_begun.set()
            while (await receive())["type"] != "websocket.disconnect":
                pass
            await send({"type": "websocket.send", "text": "after"})
            has_said.set()

        task = serve(sockets, line, may_stay=lambda: False, app=talkative)
        await line.has_begun.wait()
        sockets.sweep()
        await asyncio.wait_for(task, 1)
        assert has_said.is_set()
        assert [message.get("text") for message in line.sent] == ["before", None]

    run(scene)
