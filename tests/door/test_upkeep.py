"""Nobody stays longer than their session lasts, though nobody asks anything when it ends."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from starlette.types import Message, Receive, Scope, Send

from tests.plugins.doors import NOW, make_session, make_user
from tests.plugins.office import Office, work_in
from trainwatch.domain.audit import Actor
from trainwatch.door.identity import Identity
from trainwatch.door.rights import Right
from trainwatch.door.sockets import CLOSED_BY_US, Sockets
from trainwatch.door.upkeep import EVERY_S, keep_door
from trainwatch.store.engine import Database

LASTS_S = 0.3


def test_a_page_is_hung_up_on_as_soon_as_its_session_has_ended(sqlite_database: Database):
    sent: list[Message] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def nothing() -> Message:
        await asyncio.Event().wait()
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    async def scene(office: Office) -> None:
        session, cookie = make_session(user_id=9, expires_at=NOW + timedelta(seconds=LASTS_S))
        began = time.monotonic()
        door, sockets = office.door, Sockets(office.limits)
        door.clock = lambda: NOW + timedelta(seconds=time.monotonic() - began)
        door.keyring.put(make_user(id=9))
        door.keyring.put(session)
        keeping = asyncio.create_task(keep_door(door, office.writer, sockets))
        alice = Identity(Actor("session", "alice", session.id), frozenset(Right))
        await asyncio.wait_for(
            sockets.serve(
                listen,
                {"type": "websocket"},
                nothing,
                send,
                of=alice,
                may_stay=lambda: door.keyring.session_of(cookie, door.clock()) is not None,
            ),
            EVERY_S,
        )
        assert LASTS_S <= time.monotonic() - began < EVERY_S / 2
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    work_in(sqlite_database, scene)
    assert [message["code"] for message in sent] == [CLOSED_BY_US]
