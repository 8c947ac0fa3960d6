"""People are added, given passwords and removed, and each time the audit log says so."""

import pytest

from tests.plugins.doors import make_user
from tests.plugins.office import BOSS, Office, work_in
from trainwatch.domain.credential import Scope
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError
from trainwatch.services.sessions import open_session
from trainwatch.services.users import OWNER, add_user, ensure_owner, remove_user, set_password
from trainwatch.store.credentials import add_credential
from trainwatch.store.engine import Database


async def sign_in(office: Office, name: str) -> str:
    """Return the cookie of a new session of that user."""
    user = office.door.keyring.user_named(name)
    assert user is not None
    session = await office.do(lambda work: open_session(work, user, address=None, browser=None, way="link"))
    return session[1]


def is_in(office: Office, cookie: str) -> bool:
    """Whether a cookie opens the door."""
    return office.door.keyring.session_of(cookie, office.now) is not None


def test_the_owner_is_there_from_the_start_may_everything_and_has_no_password(database: Database):
    async def scene(office: Office) -> None:
        (owner,) = office.door.keyring.users()
        assert (owner.name, owner.scope, owner.password_hash) == (OWNER, Scope.ADMIN, None)
        assert await office.do(ensure_owner) == owner
        assert len(office.rows()["users"]) == 1

    work_in(database, scene)


@pytest.mark.parametrize("name", ["a", "alice", "Alice.B-C_d@example.org", "0", "x" * 64])
def test_a_person_is_added_under_a_plain_name(database: Database, name: str):
    async def scene(office: Office) -> None:
        user = await office.do(
            lambda work: add_user(work, BOSS, name, scope=Scope.READ, password_hash="hash")
        )
        assert (user.name, user.scope, user.password_hash, user.created_at) == (
            name,
            Scope.READ,
            "hash",
            office.now,
        )
        assert office.door.keyring.user_named(name) == user
        assert office.lines() == [("session 77 (boss)", "added user", f"{name}, scope read")]

    work_in(database, scene)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "-x",
        ".x",
        "@x",
        "a b",
        "a\n",
        "\na",
        "a/b",
        "a\0",
        "ä",
        "x" * 65,
        "a,b",
        "<b>",
        "a%00",
        "\ud800",
    ],
)
def test_a_name_that_could_be_misread_is_refused(sqlite_database: Database, name: str):
    async def scene(office: Office) -> None:
        before = office.rows()
        with pytest.raises(BadRequestError):
            await office.do(lambda work: add_user(work, BOSS, name, scope=Scope.READ, password_hash=None))
        assert (office.rows(), office.lines()) == (before, [])

    work_in(sqlite_database, scene)


def test_nobody_is_added_twice(database: Database):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=None))
        before, lines = office.rows(), office.lines()
        for name in ("bob", "Bob", "BOB", OWNER, "Owner"):
            with pytest.raises(ConflictError):
                await office.do(
                    lambda work, name=name: add_user(work, BOSS, name, scope=Scope.ADMIN, password_hash="x")
                )
        assert (office.rows(), office.lines()) == (before, lines)

    work_in(database, scene)


def test_who_is_removed_is_out_at_once_with_every_browser(database: Database):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash="hash"))
        cookies = [await sign_in(office, "bob"), await sign_in(office, "bob")]
        owners = await sign_in(office, OWNER)
        office.door.has_ended.clear()
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        assert [is_in(office, cookie) for cookie in [*cookies, owners]] == [False, False, True]
        assert office.door.keyring.user_named("bob") is None
        assert office.door.has_ended.is_set()
        assert "hash" not in repr(office.rows()["users"])
        assert [line[1:] for line in office.lines()[-2:]] == [
            ("removed user", "bob"),
            ("revoked sessions", "session 1, session 2"),
        ]

    work_in(database, scene)


def test_who_comes_back_is_the_same_person_with_new_rights_and_no_old_session(database: Database):
    async def scene(office: Office) -> None:
        first = await office.do(
            lambda work: add_user(work, BOSS, "bob", scope=Scope.ADMIN, password_hash="old")
        )
        cookie = await sign_in(office, "bob")
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        again = await office.do(
            lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash="new")
        )
        assert (again.id, again.scope, again.password_hash, again.removed_at) == (
            first.id,
            Scope.READ,
            "new",
            None,
        )
        assert not is_in(office, cookie)

    work_in(database, scene)


def test_who_comes_back_in_another_case_is_the_same_person(database: Database):
    async def scene(office: Office) -> None:
        first = await office.do(
            lambda work: add_user(work, BOSS, "bob", scope=Scope.ADMIN, password_hash=None)
        )
        await office.do(lambda work: remove_user(work, BOSS, "BOB"))
        again = await office.do(
            lambda work: add_user(work, BOSS, "Bob", scope=Scope.READ, password_hash=None)
        )
        assert (again.id, again.name) == (first.id, "Bob")
        assert office.lines()[1][1:] == ("removed user", "bob")

    work_in(database, scene)


def test_two_who_differ_in_case_only_are_kept_apart_where_a_database_has_them(database: Database):
    with database.writing() as connection:
        for name in ("anna", "Anna"):
            add_credential(connection, make_user(name=name, scope=Scope.READ))
        connection.commit()

    async def scene(office: Office) -> None:
        await office.do(lambda work: set_password(work, BOSS, "Anna", "hers"))
        users = {user.name: user.password_hash for user in office.door.keyring.users()}
        assert users == {OWNER: None, "anna": None, "Anna": "hers"}
        with pytest.raises(NotFoundError):
            await office.do(lambda work: remove_user(work, BOSS, "ANNA"))
        with pytest.raises(ConflictError):
            await office.do(lambda work: add_user(work, BOSS, "ANNA", scope=Scope.ADMIN, password_hash=None))
        await office.do(lambda work: remove_user(work, BOSS, "anna"))
        await office.do(lambda work: remove_user(work, BOSS, "ANNA"))
        assert [user.name for user in office.door.keyring.users()] == [OWNER]
        await office.do(lambda work: add_user(work, BOSS, "ANNA", scope=Scope.READ, password_hash=None))
        assert len(office.rows()["users"]) == 3

    work_in(database, scene)


@pytest.mark.parametrize("name", ["OWNER", "Owner"])
def test_the_owner_stays_however_the_name_is_written(sqlite_database: Database, name: str):
    async def scene(office: Office) -> None:
        with pytest.raises(ConflictError):
            await office.do(lambda work: remove_user(work, BOSS, name))

    work_in(sqlite_database, scene)


@pytest.mark.parametrize(("password_hash", "action"), [("new", "set password"), (None, "took password away")])
def test_a_new_password_signs_the_user_out_everywhere(
    database: Database, password_hash: str | None, action: str
):
    async def scene(office: Office) -> None:
        cookie = await sign_in(office, OWNER)
        user = await office.do(lambda work: set_password(work, BOSS, OWNER, password_hash))
        assert user.password_hash == password_hash
        assert not is_in(office, cookie)
        assert [line[1:] for line in office.lines()[1:]] == [
            (action, OWNER),
            ("revoked sessions", "session 1"),
        ]
        assert password_hash is None or password_hash not in repr(office.lines()[1:])

    work_in(database, scene)


def test_the_owner_cannot_be_removed(database: Database):
    async def scene(office: Office) -> None:
        cookie, before = await sign_in(office, OWNER), office.rows()["users"]
        with pytest.raises(ConflictError):
            await office.do(lambda work: remove_user(work, BOSS, OWNER))
        assert office.rows()["users"] == before
        assert is_in(office, cookie)

    work_in(database, scene)


def test_who_is_not_there_can_be_neither_removed_nor_given_a_password(database: Database):
    async def scene(office: Office) -> None:
        await office.do(lambda work: add_user(work, BOSS, "bob", scope=Scope.READ, password_hash=None))
        await office.do(lambda work: remove_user(work, BOSS, "bob"))
        before, lines = office.rows(), office.lines()
        for name in ("bob", "nobody", "", "owners"):
            with pytest.raises(NotFoundError):
                await office.do(lambda work, name=name: remove_user(work, BOSS, name))
            with pytest.raises(NotFoundError):
                await office.do(lambda work, name=name: set_password(work, BOSS, name, "x"))
        assert (office.rows(), office.lines()) == (before, lines)

    work_in(database, scene)
