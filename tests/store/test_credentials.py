"""Users, sessions and keys come back as they were put away, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.plugins.doors import NOW, make_key, make_session, make_user
from trainwatch.domain.credential import ApiKey, Scope, Session, User
from trainwatch.store.credentials import (
    add_credential,
    change_credential,
    find_credential,
    find_instance,
    forget_sessions,
    list_keys,
    list_sessions,
    list_users,
    name_instance,
)
from trainwatch.store.engine import Database

T = TypeVar("T")

LATER = NOW + timedelta(days=1)


def change(database: Database, command: Callable[[Connection], T]) -> T:
    """Carry out `command` in a transaction of its own."""
    with database.writing() as connection:
        result = command(connection)
        connection.commit()
        return result


def look(database: Database, query: Callable[[Connection], T]) -> T:
    """Return what `query` finds on another connection."""
    with database.reading() as connection:
        return query(connection)


def add(database: Database, credential: T) -> T:
    """Put a credential away and return it with its id."""
    return change(database, lambda connection: add_credential(connection, credential))  # type: ignore[type-var]


@pytest.fixture
def user(database: Database) -> User:
    return add(database, make_user(name="alice", password_hash="$argon2id$…"))


@pytest.mark.parametrize("scope", Scope)
def test_a_key_comes_back_as_it_was(database: Database, scope: Scope):
    key = make_key(scope, id=99, label="größe 🐎", expires_at=LATER, last_used_at=NOW, revoked_at=LATER)[0]
    added = add(database, key)
    assert added == replace(key, id=added.id)
    assert look(database, list_keys) == [added]
    assert look(database, lambda connection: find_credential(connection, ApiKey, added.id)) == added


def test_a_user_comes_back_as_it_was(database: Database, user: User):
    bob = add(database, make_user(name="bob", scope=Scope.READ, removed_at=LATER))
    assert look(database, list_users) == [user, bob]


def test_a_session_comes_back_as_it_was(database: Database, user: User):
    session = add(database, make_session(user_id=user.id, address="2001:db8::1", browser="Ü" * 300)[0])
    assert look(database, lambda connection: list_sessions(connection, now=NOW)) == [session]
    assert look(database, lambda connection: find_credential(connection, Session, session.id)) == session


def test_a_change_changes_one_row_and_nothing_but_it(database: Database):
    first, second = add(database, make_key(label="first")[0]), add(database, make_key(label="second")[0])
    changed = replace(first, revoked_at=NOW, last_used_at=LATER, label="FIRST")
    change(database, lambda connection: change_credential(connection, changed))
    assert look(database, list_keys) == [changed, second]


@pytest.mark.parametrize("bad_id", [0, -1, 7, 2**31, 2**63, 10**30])
@pytest.mark.parametrize("kind", [User, Session, ApiKey])
def test_an_id_that_is_none_finds_nothing(database: Database, kind: type[User], bad_id: int):
    assert look(database, lambda connection: find_credential(connection, kind, bad_id)) is None


def test_sessions_that_ended_are_not_listed(database: Database, user: User):
    facts = [{}, {"expires_at": NOW}, {"expires_at": NOW + timedelta(microseconds=1)}, {"revoked_at": NOW}]
    made = [add(database, make_session(user_id=user.id, **each)[0]) for each in facts]
    found = look(database, lambda connection: list_sessions(connection, now=NOW))
    assert found == [made[0], made[2]]


def test_sessions_that_ended_long_ago_are_forgotten(database: Database, user: User):
    long_ago = NOW - timedelta(days=40)
    facts = [{}, {"expires_at": long_ago}, {"revoked_at": long_ago}, {"revoked_at": NOW}, {"expires_at": NOW}]
    made = [add(database, make_session(user_id=user.id, **each)[0]) for each in facts]
    forgotten = change(
        database, lambda connection: forget_sessions(connection, before=NOW - timedelta(days=30))
    )
    left = look(database, lambda connection: [find_credential(connection, Session, each.id) for each in made])
    assert forgotten == 2
    assert left == [made[0], None, None, made[3], made[4]]


def test_no_two_credentials_can_be_mistaken_for_each_other(database: Database, user: User):
    key, session = add(database, make_key()[0]), add(database, make_session(user_id=user.id)[0])
    doubles = [
        make_user(name=user.name),
        replace(make_key()[0], prefix=key.prefix),
        replace(make_session(user_id=user.id)[0], digest=session.digest),
    ]
    for double in doubles:
        with pytest.raises(IntegrityError):
            add(database, double)


@pytest.mark.parametrize("table", ["users", "api_keys"])
def test_a_scope_that_nobody_knows_cannot_be_written(database: Database, user: User, table: str):
    add(database, make_key()[0])
    with pytest.raises(IntegrityError):
        change(database, lambda connection: connection.execute(text(f"UPDATE {table} SET scope = 'owner'")))


def test_an_instance_is_named_once(database: Database):
    assert look(database, find_instance) is None
    change(database, lambda connection: name_instance(connection, "1a2b3c4d", now=NOW))
    assert look(database, find_instance) == "1a2b3c4d"


def test_ids_are_not_given_again(database: Database):
    add(database, make_key()[0])
    last = add(database, make_key()[0])
    change(database, lambda connection: connection.execute(text("DELETE FROM api_keys")))
    assert add(database, make_key()[0]).id > last.id
