"""A frame that cannot be sent silences no room, and whoever missed something is told to fetch."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import reflex as rx
from structlog.testing import capture_logs

from trainwatch.domain.events import Notified, TaskRemoved
from trainwatch.live.hub import Hub
from trainwatch.ui.frames import Frame, Rooms
from trainwatch.ui.push import NAMESPACE, Push
from trainwatch.ui.rooms import EVERYONE, OVERVIEW

PATIENCE_S = 15


class Socket:
    """Reflex's socket as far as push knows it, with one page in the rooms of the dashboard; some sends fail."""

    def __init__(self, failing: int = 0, slow_s: float = 0.0) -> None:
        self.failing = failing
        self.slow_s = slow_s
        self.sent: list[tuple[str, str]] = []
        self.manager = SimpleNamespace(rooms={NAMESPACE: {EVERYONE: {}, OVERVIEW: {}}})
        self.arrived = asyncio.Event()

    async def emit(self, event: str, update: Any, *, room: str) -> None:
        await asyncio.sleep(self.slow_s)
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the socket is broken")
        ((delta,),) = [state.keys() for state in update.delta.values()]
        self.sent.append((room, delta.removesuffix(rx.constants.state.FIELD_MARKER)))
        self.arrived.set()


async def no_start(room: str) -> Frame | None:
    return None


def make_push(socket: Socket, hub: Hub) -> Push:
    app = SimpleNamespace(sio=socket, event_namespace=socket)
    return Push(cast("rx.App", app), hub, Rooms(gpus={}, now=lambda: datetime.now(UTC)), fill=no_start)


def test_a_frame_that_could_not_be_sent_silences_no_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainwatch.ui.push._AFTER_ERROR_S", 0.01)

    async def scenario() -> list[tuple[str, str]]:
        socket, hub = Socket(failing=1), Hub()
        push = make_push(socket, hub)
        async with asyncio.timeout(PATIENCE_S):
            hub.publish([TaskRemoved(1)])
            await push.step()
            await push.step()  # woken by the frame that failed
            await socket.arrived.wait()
            hub.publish([TaskRemoved(2)])
            await push.step()
            while (OVERVIEW, "overview") not in socket.sent:
                socket.arrived.clear()
                await socket.arrived.wait()
        return socket.sent

    with capture_logs() as lines:
        sent = asyncio.run(scenario())
    assert sent[0] == (EVERYONE, "joined")  # fetch what you show
    assert [(line["event"], line["room"]) for line in lines] == [("frame_not_sent", OVERVIEW)]


def test_events_that_could_not_be_taken_in_are_made_up_for_by_a_fetch():
    async def scenario() -> list[tuple[str, str]]:
        socket, hub = Socket(), Hub()
        push = make_push(socket, hub)
        async with asyncio.timeout(PATIENCE_S):
            hub.publish([cast("Notified", SimpleNamespace()), TaskRemoved(1)])
            hub.publish([TaskRemoved(2)])
            socket.manager = cast("Any", None)  # whatever a defect may be
            with pytest.raises(AttributeError):
                await push.step()
            socket.manager = SimpleNamespace(rooms={NAMESPACE: {EVERYONE: {}}})
            await push.step()
        return socket.sent

    assert asyncio.run(scenario()) == [(EVERYONE, "joined")]


def test_a_frame_that_was_held_up_on_its_way_does_not_silence_its_room():
    async def scenario() -> list[tuple[str, str]]:
        socket, hub = Socket(slow_s=0.9), Hub()
        push = make_push(socket, hub)
        async with asyncio.timeout(PATIENCE_S):
            for task_id in (1, 2):
                socket.arrived.clear()
                hub.publish([TaskRemoved(task_id)])
                await push.step()
                await socket.arrived.wait()
                socket.slow_s = 0.0
        return socket.sent

    assert asyncio.run(scenario()) == [(OVERVIEW, "overview")] * 2
