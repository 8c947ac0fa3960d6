"""How a browser becomes a session, and what is written down when it does not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.plugins.doors import COOKIE
from tests.plugins.office import BOSS, Office, work_in
from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.credential import Scope, User
from trainwatch.door.guard import SIGN_IN
from trainwatch.door.identity import Peer
from trainwatch.door.passwords import hash_password
from trainwatch.errors import NotFoundError, RateLimitedError, UnauthorizedError
from trainwatch.services.keys import create_key, revoke_key
from trainwatch.services.sessions import revoke_sessions
from trainwatch.services.users import OWNER, add_user, remove_user, set_password
from trainwatch.store.engine import Database
from trainwatch.store.work import Work

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def kept() -> str:
    """What is kept of the password."""
    return hash_password(PASSWORD)


def secret_of(link: str) -> str:
    """Return what stands behind the # of a link, where no server sees it."""
    path, _, secret = link.partition("#")
    assert path == SIGN_IN
    return secret


def test_a_link_signs_its_user_in_once(sqlite_database: Database):
    async def scene(office: Office) -> None:
        secret, peer = secret_of(office.reception.make_link()), office.peer()
        user, cookie = await office.reception.sign_in_with_link(peer, secret)
        assert user.name == OWNER
        assert cookie is not None
        (session,) = office.door.keyring.sessions(office.now)
        assert (session.address, session.browser) == ("10.0.0.1", "a browser")
        with pytest.raises(UnauthorizedError, match="was used already, or is older than 10 minutes"):
            await office.reception.sign_in_with_link(peer, secret)
        assert office.lines() == [
            ("session 1 (owner)", "signed in", "with a link"),
            ("a stranger", "failed to sign in", "with a link"),
        ]

    work_in(sqlite_database, scene)


def test_of_many_who_use_a_link_at_once_one_comes_in(sqlite_database: Database):
    async def scene(office: Office) -> None:
        secret = secret_of(office.reception.make_link())
        tries = (
            office.reception.sign_in_with_link(office.peer(address=f"10.0.0.{number}"), secret)
            for number in range(20)
        )
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert len([each for each in outcomes if not isinstance(each, BaseException)]) == 1
        assert len(office.door.keyring.sessions(office.now)) == 1

    work_in(sqlite_database, scene)


def test_a_link_is_too_old_after_ten_minutes(sqlite_database: Database):
    async def scene(office: Office) -> None:
        secret = secret_of(office.reception.make_link())
        office.now += timedelta(minutes=10)
        with pytest.raises(UnauthorizedError):
            await office.reception.sign_in_with_link(office.peer(), secret)

    work_in(sqlite_database, scene)


def test_a_link_for_nobody_is_not_made_and_that_of_a_removed_user_opens_nothing(sqlite_database: Database):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=None))
        secret = secret_of(office.reception.make_link("bob"))
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        for name in ("bob", "nobody", ""):
            with pytest.raises(NotFoundError):
                office.reception.make_link(name)
        with pytest.raises(UnauthorizedError):
            await office.reception.sign_in_with_link(office.peer(), secret)
        assert office.rows()["sessions"] == []

    work_in(sqlite_database, scene)


def add_bob(work: Work) -> User:
    return add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=None)


def remove_and_add_bob(work: Work) -> None:
    remove_user(work, BOSS, "bob")
    add_bob(work)


CHANGES: dict[str, Callable[[Work], object]] = {
    "removed and added again": remove_and_add_bob,
    "given a password": lambda work: set_password(work, BOSS, "bob", "hash"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_link_is_for_its_user_as_they_were(sqlite_database: Database, change: str):
    async def scene(office: Office) -> None:
        await office.do(add_bob)
        secret = secret_of(office.reception.make_link("bob"))
        office.pass_time(seconds=1)
        await office.do(CHANGES[change])
        with pytest.raises(UnauthorizedError):
            await office.reception.sign_in_with_link(office.peer(), secret)
        await office.reception.sign_in_with_link(office.peer(), secret_of(office.reception.make_link("bob")))

    work_in(sqlite_database, scene)


def test_a_link_ends_with_the_key_that_made_it(sqlite_database: Database):
    async def scene(office: Office) -> None:
        key, _ = await office.do(lambda work: create_key(work, BOSS, scope=Scope.ADMIN, label="stolen"))
        thief = Actor("key", key.label, key.id)
        used, kept = (secret_of(office.reception.make_link(by=thief)) for _ in range(2))
        await office.reception.sign_in_with_link(office.peer(), used)
        await office.do(lambda work: revoke_key(work, BOSS, key.id))
        with pytest.raises(UnauthorizedError):
            await office.reception.sign_in_with_link(office.peer(), kept)

    work_in(sqlite_database, scene)


def test_a_link_ends_with_the_session_that_made_it(sqlite_database: Database):
    async def scene(office: Office) -> None:
        await office.reception.sign_in_with_link(office.peer(), secret_of(office.reception.make_link()))
        (session,) = office.door.keyring.sessions(office.now)
        secret = secret_of(office.reception.make_link(by=Actor("session", "owner", session.id)))
        await office.do(lambda work: revoke_sessions(work, CONSOLE))
        with pytest.raises(UnauthorizedError):
            await office.reception.sign_in_with_link(office.peer(), secret)

    work_in(sqlite_database, scene)


def test_who_is_signed_in_already_keeps_the_cookie_and_another_user_gets_one(sqlite_database: Database):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=None))
        name = office.door.cookie_name
        assert name != COOKIE
        _, cookie = await office.reception.sign_in_with_link(
            office.peer(), secret_of(office.reception.make_link())
        )
        peer = office.peer(cookie=f"{name}={cookie}")
        for user, expected in ((OWNER, True), ("bob", False)):
            secret = secret_of(office.reception.make_link(user))
            found, fresh = await office.reception.sign_in_with_link(peer, secret)
            assert (found.name, fresh is None) == (user, expected)

    work_in(sqlite_database, scene)


@pytest.mark.parametrize("way", ["link", "password"])
def test_who_signs_in_as_another_is_signed_out_first_and_as_the_same_changes_nothing(
    sqlite_database: Database, kept: str, way: str
):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))

        async def sign_in(peer: Peer) -> str | None:
            if way == "password":
                return (await office.reception.sign_in_with_password(peer, "bob", PASSWORD))[1]
            secret = secret_of(office.reception.make_link("bob"))
            return (await office.reception.sign_in_with_link(peer, secret))[1]

        _, owners = await office.reception.sign_in_with_link(
            office.peer(), secret_of(office.reception.make_link())
        )
        bobs = await sign_in(office.peer(cookie=f"{office.door.cookie_name}={owners}"))
        assert [session.id for session in office.door.keyring.sessions(office.now)] == [2]
        assert office.lines()[-2:] == [
            ("session 2 (bob)", "signed in", f"with a {way}"),
            ("session 1 (owner)", "signed out", "session 1"),
        ]
        assert await sign_in(office.peer(cookie=f"{office.door.cookie_name}={bobs}")) is None
        assert len(office.rows()["sessions"]) == 2

    work_in(sqlite_database, scene)


def test_the_right_password_opens_a_session_and_nothing_else_does(sqlite_database: Database, kept: str):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))
        user, cookie = await office.reception.sign_in_with_password(office.peer(), "bob", PASSWORD)
        assert user.name == "bob"
        assert cookie is not None
        assert office.door.keyring.session_of(cookie, office.now)
        refusals: set[str] = set()
        for name, password in (
            ("bob", "wrong"),
            ("nobody", PASSWORD),
            ("owner", PASSWORD),
            ("Bobby", PASSWORD),
            ("", ""),
        ):
            with pytest.raises(UnauthorizedError) as refused:
                await office.reception.sign_in_with_password(office.peer(), name, password)
            refusals.add(refused.value.message)
        assert refusals == {"name or password are wrong"}
        known, unknown = "with a password, as {}", "with a password, under a name that nobody has"
        tried = [known.format("bob"), unknown, known.format("owner"), f"{unknown}, 2 times more"]
        await office.reception.audit.step()
        assert office.lines()[2:] == [("a stranger", "failed to sign in", each) for each in tried]
        assert len(office.rows()["sessions"]) == 1

    work_in(sqlite_database, scene)


def test_a_name_is_the_same_in_whatever_case_it_is_typed_and_its_tries_are_counted_together(
    sqlite_database: Database, kept: str
):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))
        user, _ = await office.reception.sign_in_with_password(office.peer(), "BOB", PASSWORD)
        assert user.name == "bob"
        for number in range(10):
            peer, name = office.peer(address=f"10.0.0.{number}"), ("bob", "Bob", "BOB")[number % 3]
            with pytest.raises(UnauthorizedError):
                await office.reception.sign_in_with_password(peer, name, "guess")
        with pytest.raises(RateLimitedError):
            await office.reception.sign_in_with_password(office.peer(address="10.0.1.1"), "bOB", PASSWORD)

    work_in(sqlite_database, scene)


def test_who_tries_too_often_is_not_listened_to_even_with_the_right_password(
    sqlite_database: Database, kept: str
):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))
        for _ in range(10):
            with pytest.raises(UnauthorizedError):
                await office.reception.sign_in_with_link(office.peer(), "guess")
        written = len(office.lines())
        with pytest.raises(RateLimitedError):
            await office.reception.sign_in_with_password(office.peer(), "bob", PASSWORD)
        with pytest.raises(RateLimitedError):
            await office.reception.sign_in_with_link(office.peer(), secret_of(office.reception.make_link()))
        await office.reception.audit.step()
        assert [line[1:] for line in office.lines()[written:]] == [
            ("was refused", "too many tries to sign in"),
            ("failed to sign in", "with a link, 9 times more"),
            ("was refused", "too many tries to sign in, once more"),
        ]
        await office.reception.sign_in_with_password(office.peer(address="10.0.0.2"), "bob", PASSWORD)

    work_in(sqlite_database, scene)


def test_signing_in_again_and_again_is_nobodys_guessing(sqlite_database: Database, kept: str):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))
        for _ in range(12):
            link = office.reception.make_link()
            await office.reception.sign_in_with_link(office.peer(), secret_of(link))
        await office.reception.sign_in_with_password(office.peer(), "bob", PASSWORD)

    work_in(sqlite_database, scene)


def test_passwords_are_asked_for_only_where_somebody_has_one(sqlite_database: Database, kept: str):
    async def scene(office: Office) -> None:
        assert not office.reception.takes_passwords
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=kept))
        assert office.reception.takes_passwords
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        assert not office.reception.takes_passwords

    work_in(sqlite_database, scene)


def test_signing_out_ends_the_callers_session_and_nobody_elses(sqlite_database: Database):
    async def scene(office: Office) -> None:
        cookies: list[str] = []
        for _ in range(2):
            _, cookie = await office.reception.sign_in_with_link(
                office.peer(), secret_of(office.reception.make_link())
            )
            cookies.append(str(cookie))
        peer = office.peer(cookie=f"{office.door.cookie_name}={cookies[0]}")
        await office.reception.sign_out(office.door.identify(peer))
        await office.reception.sign_out(office.door.identify(peer))
        await office.reception.sign_out(office.door.identify(office.peer()))
        found = [office.door.keyring.session_of(cookie, office.now) is not None for cookie in cookies]
        assert found == [False, True]
        assert office.lines()[2:] == [("session 1 (owner)", "signed out", "session 1")]

    work_in(sqlite_database, scene)
