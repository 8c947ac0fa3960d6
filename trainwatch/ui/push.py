"""From the hub to the browsers: one frame a room, as often as it may. Alone in knowing Reflex's socket.

A room gets the first change at once, then at most one frame per `max(33 ms, 20 times what the last one cost)`: processor
time of the event loop, and at most a second.
A frame is joined from all changes since the one before, encoded once and sent to everybody in the room; what it
holds depends on what changed, never on how much history or how many tasks there are.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import reflex as rx
import structlog
from reflex.constants import SocketEvent
from reflex.state import StateUpdate
from reflex_base.constants.state import FIELD_MARKER

from trainwatch.domain.events import Event
from trainwatch.live.hub import Hub
from trainwatch.ui.frames import Frame, Rooms
from trainwatch.ui.rooms import ACCESS, EVERYONE, SESSION_PREFIX
from trainwatch.ui.state.live import Live

NAMESPACE = "/_event"

_SHORTEST_S = 0.033
_LONGEST_S = 1.0
_COST_SHARE = 20
_AFTER_ERROR_S = 1.0
_CAN_WAIT_S = {ACCESS: 0.3}
"""Rooms whose news are joined for a while: pages ask for what they show when they hear of them."""

log = structlog.get_logger()

Fill = Callable[[str], Awaitable[Frame | None]]


class Push:
    """Sends frames to rooms; `fill` reads the frame that a page in that room starts with."""

    def __init__(self, app: rx.App, hub: Hub, rooms: Rooms, fill: Fill) -> None:
        """Send what `hub` tells through the socket of `app`."""
        self._app = app
        self._subscription = hub.subscribe()
        self._rooms = rooms
        self._fill = fill
        self._free_at: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def step(self) -> None:
        """Wait for events and send them on; where some were lost, every page fetches what it shows."""
        events = await self._subscription.next()
        try:
            if self._subscription.take_dropped():
                self._rooms.lose_track()
                await self._emit(self._rooms.welcome(), EVERYONE)
            self._note(events)
        except Exception:
            self._subscription.give_up()
            raise

    def _note(self, events: list[Event]) -> None:
        for room in self._rooms.note(events, self._is_watched):
            if room.startswith(SESSION_PREFIX):
                self._hush(room)
            self._schedule(room)

    def _hush(self, room: str) -> None:
        """Let the pages of a session hear nothing any more but its own room, which tells them that it has ended."""
        sio = self._app.sio
        if sio is None:
            return
        for sid in list(sio.manager.rooms[NAMESPACE].get(room, ())):
            for other in set(sio.rooms(sid, namespace=NAMESPACE)) - {sid, room}:
                sio.manager.basic_leave_room(sid, NAMESPACE, other)

    def _is_watched(self, room: str) -> bool:
        sio = self._app.sio
        return sio is not None and room in sio.manager.rooms.get(NAMESPACE, {})

    def _schedule(self, room: str) -> None:
        if room in self._timers:
            return
        wait = max(_CAN_WAIT_S.get(room, 0.0), self._free_at.get(room, 0.0) - time.monotonic())
        self._timers[room] = asyncio.get_running_loop().call_later(wait, self._start_sending, room)

    def _start_sending(self, room: str) -> None:
        task = asyncio.create_task(self._send_room(room), name=f"push {room}")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send_room(self, room: str) -> None:
        try:
            frame = self._rooms.take(room)
            if frame is not None:
                before_s = time.thread_time()  # a busy machine or a slow socket costs us nothing
                await self._emit(frame, room)
                pause_s = _COST_SHARE * (time.thread_time() - before_s)
                self._free_at[room] = time.monotonic() + min(_LONGEST_S, max(_SHORTEST_S, pause_s))
        except Exception:
            log.exception("frame_not_sent", room=room)
            self._free_at[room] = time.monotonic() + _AFTER_ERROR_S
            self._subscription.give_up()
        finally:
            self._timers.pop(room, None)
            if self._rooms.has_news(room):
                self._schedule(room)

    async def _emit(self, frame: Frame, to: str) -> None:
        """Send `frame` to a room or to one socket."""
        namespace = self._app.event_namespace
        if namespace is None:
            return
        update = StateUpdate(delta={Live.get_full_name(): {frame.var + FIELD_MARKER: frame.content}})
        await namespace.emit(str(SocketEvent.EVENT), update, room=to)

    async def join(self, sid: str, rooms: Sequence[str]) -> None:
        """Put a socket into `rooms` alone, then send it what they start with.

        It hears every change from before that is read, and drops what is older than what it has.
        """
        namespace, sio = self._app.event_namespace, self._app.sio
        if namespace is None or sio is None:
            return
        for room in set(sio.rooms(sid, namespace=NAMESPACE)) - {sid, *rooms}:
            await namespace.leave_room(sid, room)
        for room in rooms:
            await namespace.enter_room(sid, room)
        for room in rooms:
            frame = await self._fill(room)
            if frame is not None:
                await self._emit(self._rooms.newer(room, frame), sid)
        await self._emit(self._rooms.welcome(), sid)
