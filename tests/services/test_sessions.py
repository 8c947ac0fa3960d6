"""Browsers are signed in and out, and each time the audit log says so."""

from datetime import timedelta

import pytest

from tests.plugins.doors import NOW
from tests.plugins.office import BOSS, Office, work_in
from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import Scope, Session, User
from trainwatch.domain.secret import digest_of
from trainwatch.errors import NotFoundError, UnauthorizedError
from trainwatch.services.keys import create_key, revoke_key
from trainwatch.services.sessions import (
    LASTS,
    forget_sessions,
    note_use,
    open_session,
    revoke_session,
    revoke_sessions,
)
from trainwatch.services.users import add_user, remove_user, set_password
from trainwatch.store.engine import Database


async def sign_in(office: Office, name: str = "owner") -> tuple[Session, str]:
    """Open a session of that user."""
    user = office.door.keyring.user_named(name)
    assert user is not None
    return await office.do(
        lambda work: open_session(work, user, address="10.0.0.1", browser="a browser", way="link")
    )


async def employ(office: Office, name: str, password_hash: str | None = None) -> User:
    """Add a user."""
    return await office.do(
        lambda work: add_user(work, BOSS, name, scope=Scope.OPERATE, password_hash=password_hash)
    )


def is_in(office: Office, cookie: str) -> bool:
    """Whether a cookie opens the door."""
    return office.door.keyring.session_of(cookie, office.now) is not None


def test_a_session_lasts_thirty_days_and_only_the_digest_of_its_cookie_is_kept(database: Database):
    async def scene(office: Office) -> None:
        session, cookie = await sign_in(office)
        assert (session.digest, session.expires_at) == (digest_of(cookie), NOW + timedelta(days=30))
        assert len(cookie) == 43
        assert office.lines() == [(f"session {session.id} (owner)", "signed in", "with a link")]
        assert cookie not in repr(office.rows())
        office.pass_time(days=30, microseconds=-1)
        assert is_in(office, cookie)
        office.pass_time(microseconds=1)
        assert not is_in(office, cookie)

    work_in(database, scene)


@pytest.mark.parametrize(("browser", "kept"), [(None, None), ("", None), ("Ü" * 5_000, "Ü" * 300)])
def test_what_a_browser_says_of_itself_is_kept_in_short(sqlite_database: Database, browser: str, kept: str):
    async def scene(office: Office) -> None:
        (owner,) = office.door.keyring.users()
        session, _ = await office.do(
            lambda work: open_session(work, owner, address=None, browser=browser, way="link")
        )
        assert session.browser == kept

    work_in(sqlite_database, scene)


def test_a_session_is_ended_once_and_by_whom_is_written_down(database: Database):
    async def scene(office: Office) -> None:
        (mine, my_cookie), (other, other_cookie) = await sign_in(office), await sign_in(office)
        me = Actor("session", "owner", mine.id, "10.0.0.1")
        for _ in range(2):
            await office.do(lambda work: revoke_session(work, me, other.id))
        assert (is_in(office, my_cookie), is_in(office, other_cookie)) == (True, False)
        await office.do(lambda work: revoke_session(work, me, mine.id))
        assert not is_in(office, my_cookie)
        assert office.lines()[2:] == [
            (f"session {mine.id} (owner)", "revoked session", f"session {other.id}"),
            (f"session {mine.id} (owner)", "signed out", f"session {mine.id}"),
        ]

    work_in(database, scene)


def test_a_key_of_the_same_number_does_not_sign_out_but_revokes(sqlite_database: Database):
    async def scene(office: Office) -> None:
        session, _ = await sign_in(office)
        await office.do(lambda work: revoke_session(work, Actor("key", "robot", session.id), session.id))
        assert office.lines()[-1][1] == "revoked session"

    work_in(sqlite_database, scene)


@pytest.mark.parametrize("session_id", [0, -1, 5, 2**63, 10**30])
def test_a_session_that_is_not_there_cannot_be_ended(database: Database, session_id: int):
    async def scene(office: Office) -> None:
        with pytest.raises(NotFoundError):
            await office.do(lambda work: revoke_session(work, BOSS, session_id))
        assert office.lines() == []

    work_in(database, scene)


def test_everybody_but_oneself_is_signed_out_at_once(database: Database):
    async def scene(office: Office) -> None:
        sessions = [await sign_in(office) for _ in range(4)]
        kept = sessions[1][0].id
        assert await office.do(lambda work: revoke_sessions(work, BOSS, but=kept)) == 3
        assert [is_in(office, cookie) for _, cookie in sessions] == [False, True, False, False]
        ended = ", ".join(f"session {session.id}" for session, _ in sessions if session.id != kept)
        assert office.lines()[4:] == [("session 77 (boss)", "revoked sessions", ended)]
        assert await office.do(lambda work: revoke_sessions(work, BOSS, but=kept)) == 0
        assert len(office.lines()) == 5

    work_in(database, scene)


def test_one_user_is_signed_out_and_the_others_stay(sqlite_database: Database):
    async def scene(office: Office) -> None:
        bob = await employ(office, "bob")
        (_, owners), (_, bobs) = await sign_in(office), await sign_in(office, "bob")
        assert await office.do(lambda work: revoke_sessions(work, BOSS, of_user=bob.id)) == 1
        assert (is_in(office, owners), is_in(office, bobs)) == (True, False)

    work_in(sqlite_database, scene)


def test_nobody_is_signed_in_as_a_user_who_was_removed_a_moment_ago(database: Database):
    async def scene(office: Office) -> None:
        bob = await employ(office, "bob")
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        lines, rows = office.lines(), office.rows()
        with pytest.raises(UnauthorizedError):
            await office.do(lambda work: open_session(work, bob, address=None, browser=None, way="link"))
        assert (office.lines(), office.rows()) == (lines, rows)

    work_in(database, scene)


def test_nobody_is_signed_in_with_a_password_that_was_changed_a_moment_ago(database: Database):
    async def scene(office: Office) -> None:
        bob = await employ(office, "bob", "the old hash")
        await office.do(lambda work: set_password(work, BOSS, "bob", "the new hash"))
        with pytest.raises(UnauthorizedError):
            await office.do(lambda work: open_session(work, bob, address=None, browser=None, way="password"))
        assert office.rows()["sessions"] == []

    work_in(database, scene)


def test_when_somebody_was_seen_last_is_kept_and_changes_nothing_else(database: Database):
    async def scene(office: Office) -> None:
        session, cookie = await sign_in(office)
        key, text = await office.do(lambda work: create_key(work, BOSS, scope=Scope.READ, label="x"))
        lines, later = office.lines(), NOW + timedelta(hours=1)
        seen, used = {session.id: later, 99: later}, {key.id: later, 99: later}
        await office.do(lambda work: note_use(work, seen, used))
        assert await office.do(lambda work: work.credentials.find(Session, session.id)) != session
        found = office.door.keyring.session_of(cookie, later)
        assert found is not None
        assert (found[0].last_seen_at, found[0].expires_at) == (later, session.expires_at)
        used_key = office.door.keyring.key_of(text, later)
        assert used_key is not None
        assert used_key.last_used_at == later
        assert office.lines() == lines

    work_in(database, scene)


def test_having_been_seen_does_not_bring_back_what_was_revoked_meanwhile(sqlite_database: Database):
    async def scene(office: Office) -> None:
        session, cookie = await sign_in(office)
        key, text = await office.do(lambda work: create_key(work, BOSS, scope=Scope.READ, label="x"))
        await office.do(lambda work: revoke_session(work, BOSS, session.id))
        await office.do(lambda work: revoke_key(work, BOSS, key.id))
        await office.do(lambda work: note_use(work, {session.id: NOW}, {key.id: NOW}))
        assert not is_in(office, cookie)
        assert office.door.keyring.key_of(text, NOW) is None

    work_in(sqlite_database, scene)


def test_sessions_that_ended_are_forgotten_after_a_month(sqlite_database: Database):
    async def scene(office: Office) -> None:
        await sign_in(office)
        office.pass_time(seconds=LASTS.total_seconds())
        assert await office.do(forget_sessions) == 0
        office.pass_time(days=31)
        assert await office.do(forget_sessions) == 1
        assert office.rows()["sessions"] == []

    work_in(sqlite_database, scene)
