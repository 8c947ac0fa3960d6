"""Nobody stays longer than their session lasts, though nobody asks anything when it ends."""

import asyncio
import time
from datetime import timedelta

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.plugins.doors import NOW, make_session, make_user
from tests.plugins.office import Office, work_in
from trainwatch.domain.audit import Actor
from trainwatch.door.identity import Identity
from trainwatch.door.rights import Right
from trainwatch.door.sockets import CLOSED_BY_US, Sockets
from trainwatch.door.upkeep import EVERY_S, close_expired, close_revoked
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
        keeping = asyncio.create_task(close_expired(door, office.writer, sockets))
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
        await keeping

    work_in(sqlite_database, scene)
    assert [message["code"] for message in sent] == [CLOSED_BY_US]


def test_a_revocation_is_not_forgotten_where_its_sockets_could_not_be_closed(sqlite_database: Database):
    class Broken(Sockets):
        def sweep(self) -> None:
            raise RuntimeError("no")

    async def scene(office: Office) -> None:
        office.door.has_ended.set()
        for _ in range(2):
            with pytest.raises(RuntimeError):
                await asyncio.wait_for(close_revoked(office.door, Broken(office.limits)), EVERY_S)
        await asyncio.wait_for(close_revoked(office.door, Sockets(office.limits)), EVERY_S)
        assert not office.door.has_ended.is_set()

    work_in(sqlite_database, scene)
