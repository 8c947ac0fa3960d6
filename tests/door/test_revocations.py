"""Who is shut out is shut out at once, whatever the database does, and for good as soon as it knows."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.plugins.office import BOSS, Office, work_in
from tests.plugins.outage import locked
from trainwatch.domain.credential import ApiKey, Scope, User
from trainwatch.domain.events import CredentialChanged, Event
from trainwatch.door.identity import Complaint
from trainwatch.door.revocations import Revocations
from trainwatch.errors import ConflictError, NotFoundError, UnavailableError
from trainwatch.services.keys import create_key
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.services.sessions import open_session
from trainwatch.services.users import OWNER, add_user
from trainwatch.store.engine import Database

PATIENCE_S = 15
A_MOMENT_S = 0.1


def revocations_of(
    office: Office, told: list[Event] | None = None, *, patience_s: float = PATIENCE_S
) -> Revocations:
    """Return revocations that wait as long as that for what they write."""
    pending = PendingWrites(office.writer, patience_s=patience_s, retry_s=0.05)
    return Revocations(office.door, office.writer, pending, (told if told is not None else []).extend)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is awaited is in the database
            await asyncio.sleep(0.01)


async def a_key(office: Office) -> tuple[ApiKey, str]:
    return await office.do(lambda work: create_key(work, BOSS, scope=Scope.READ, label="robot"))


async def a_session(office: Office, name: str = "bob") -> tuple[User, str]:
    """Return a user who is signed in, with the cookie."""
    user = office.door.keyring.user_named(name) or await office.do(
        lambda work: add_user(work, BOSS, name, scope=Scope.READ, password_hash=None)
    )
    _, cookie = await office.do(lambda work: open_session(work, user, address=None, browser=None, way="link"))
    return user, cookie


def is_in(office: Office, cookie: str) -> bool:
    return office.door.identify(office.peer(cookie=f"{office.door.cookie_name}={cookie}")).is_known


def test_a_key_is_worth_nothing_at_once_though_the_database_takes_nothing(database: Database):
    async def scene(office: Office) -> None:
        key, text = await a_key(office)
        told: list[Event] = []
        revocations = revocations_of(office, told, patience_s=A_MOMENT_S)
        with locked(database):
            assert not await revocations.revoke_key(BOSS, key.id)
            assert office.door.identify(office.peer(x_api_key=text)).complaint is Complaint.KEY
            assert office.door.has_ended.is_set()
            assert [event.credential.id for event in told if isinstance(event, CredentialChanged)] == [key.id]
            used = replace(key, last_used_at=office.now)
            office.door.note(
                [CredentialChanged(used, is_use=True)]
            )  # of what the database still holds for valid
            assert not office.door.identify(office.peer(x_api_key=text)).is_known
        await until(lambda: ("session 77 (boss)", "revoked key", f"key {key.id} (robot)") in office.lines())
        assert not office.door.identify(office.peer(x_api_key=text)).is_known

    work_in(database, scene)


def test_sessions_and_users_end_at_once_though_the_database_takes_nothing(database: Database):
    async def scene(office: Office) -> None:
        _, first = await a_session(office)
        _, second = await a_session(office)
        _, third = await a_session(office, "carol")
        revocations = revocations_of(office, patience_s=A_MOMENT_S)
        sessions = office.door.keyring.sessions(office.now)
        with locked(database):
            assert not await revocations.revoke_session(BOSS, sessions[0].id)
            assert [is_in(office, cookie) for cookie in (first, second, third)] == [False, True, True]
            assert not await revocations.remove_user(BOSS, "bob")
            assert [is_in(office, cookie) for cookie in (first, second, third)] == [False, False, True]
            assert await revocations.revoke_sessions(BOSS, but=None) == (1, False)
            assert not is_in(office, third)
        actions = ["revoked session", "removed user", "revoked sessions"]
        await until(lambda: set(actions) <= {action for _, action, _ in office.lines()})
        assert office.door.keyring.sessions(office.now) == []
        assert office.door.keyring.user_named("bob") is None

    work_in(database, scene)


def test_what_can_be_written_is_written_when_it_returns(database: Database):
    async def scene(office: Office) -> None:
        key, _ = await a_key(office)
        told: list[Event] = []
        assert await revocations_of(office, told).revoke_key(BOSS, key.id)
        assert ("session 77 (boss)", "revoked key", f"key {key.id} (robot)") in office.lines()
        assert told == []  # the writer has told it

    work_in(database, scene)


def test_what_is_not_there_cannot_be_ended(database: Database):
    async def scene(office: Office) -> None:
        revocations = revocations_of(office)
        for ending in (revocations.revoke_key(BOSS, 99), revocations.revoke_session(BOSS, 99)):
            with pytest.raises(NotFoundError):
                await ending
        with pytest.raises(NotFoundError):
            await revocations.remove_user(BOSS, "nobody")
        with pytest.raises(ConflictError):
            await revocations.remove_user(BOSS, OWNER)
        assert await revocations.revoke_sessions(BOSS, but=None) == (0, True)

    work_in(database, scene)


def test_without_patience_what_could_not_be_written_is_an_error(database: Database):
    async def scene(office: Office) -> None:
        key, _ = await a_key(office)
        await office.writer.close()
        pending = PendingWrites(office.writer, patience_s=None)
        with pytest.raises(UnavailableError):
            await Revocations(office.door, office.writer, pending).revoke_key(BOSS, key.id)

    work_in(database, scene)
