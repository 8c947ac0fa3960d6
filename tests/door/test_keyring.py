"""The keyring knows who is valid at a moment, and lets nothing else pass."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.plugins.doors import NOW, make_key, make_session, make_user
from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.credential import Scope
from trainwatch.door.keyring import Keyring

LATER = NOW + timedelta(minutes=5)
MOMENT = timedelta(microseconds=1)


def test_a_key_is_found_by_its_text():
    key, text = make_key(Scope.OPERATE)
    assert Keyring([key]).key_of(text, NOW) == key


@pytest.mark.parametrize("place", ["scope", "prefix", "secret", "check"])
def test_a_key_that_differs_in_any_part_is_unknown(place: str):
    (key, text), (_, other) = make_key(Scope.READ), make_key(Scope.ADMIN)
    parts, others = text.split("_"), other.split("_")
    wrong = {
        "scope": "_".join([parts[0], "admin", *parts[2:]]),
        "prefix": "_".join([*parts[:2], others[2], parts[3]]),
        "secret": "_".join([*parts[:3], others[3]]),
        "check": text[:-1] + ("0" if text[-1] != "0" else "1"),
    }
    keyring = Keyring([key])
    assert keyring.key_of(wrong[place], NOW) is None
    assert keyring.take_uses() == ({}, {})


@pytest.mark.parametrize("text", ["", "tw", "tw_read_", "x" * 10_000, "\xff" * 80, "é" * 70])
def test_what_is_no_key_is_unknown(text: str):
    key, _ = make_key()
    assert Keyring([key]).key_of(text, NOW) is None
    assert Keyring().key_of(text, NOW) is None


def test_what_the_database_keeps_of_a_key_is_no_key():
    key, _ = make_key()
    for kept in (key.prefix, key.digest, f"tw_read_{key.prefix}_{key.digest}"):
        assert Keyring([key]).key_of(kept, NOW) is None


def test_a_key_ends_at_its_time_and_not_before():
    key, text = make_key(expires_at=LATER)
    keyring = Keyring([key])
    assert keyring.key_of(text, LATER - MOMENT) == key
    assert keyring.key_of(text, LATER) is None


def test_a_key_ends_when_it_is_revoked_though_it_has_time_left():
    key, text = make_key(expires_at=LATER, revoked_at=NOW)
    assert Keyring([key]).key_of(text, NOW) is None


def test_a_session_is_found_by_its_cookie_with_its_user():
    session, cookie = make_session()
    user = make_user()
    assert Keyring([session, user]).session_of(cookie, NOW) == (session, user)


@pytest.mark.parametrize("wrong", ["", "x", "digest", "0" * 43])
def test_no_other_cookie_finds_a_session(wrong: str):
    session, _ = make_session()
    keyring = Keyring([session, make_user()])
    assert keyring.session_of(session.digest if wrong == "digest" else wrong, NOW) is None
    assert keyring.take_uses() == ({}, {})


def test_a_session_ends_at_its_time_and_not_before():
    session, cookie = make_session(expires_at=LATER)
    keyring = Keyring([session, make_user()])
    assert keyring.session_of(cookie, LATER - MOMENT) is not None
    assert keyring.session_of(cookie, LATER) is None


def test_a_session_ends_when_it_is_revoked():
    session, cookie = make_session(revoked_at=NOW)
    assert Keyring([session, make_user()]).session_of(cookie, NOW) is None


def test_a_session_without_a_user_who_may_come_is_none():
    session, cookie = make_session()
    assert Keyring([session]).session_of(cookie, NOW) is None
    assert Keyring([session, make_user(id=2)]).session_of(cookie, NOW) is None
    assert Keyring([session, make_user(removed_at=NOW)]).session_of(cookie, NOW) is None


def test_a_change_counts_from_the_next_question_on():
    (session, cookie), (key, text) = make_session(), make_key()
    keyring = Keyring([session, key, make_user()])
    assert keyring.session_of(cookie, NOW)
    assert keyring.key_of(text, NOW)
    keyring.put(replace(session, revoked_at=NOW))
    keyring.put(replace(key, revoked_at=NOW))
    assert keyring.session_of(cookie, NOW) is None
    assert keyring.key_of(text, NOW) is None


def test_removed_users_are_not_listed_and_have_no_name():
    keyring = Keyring([make_user(), make_user(id=2, name="bob", removed_at=NOW)])
    assert [user.name for user in keyring.users()] == ["alice"]
    assert keyring.user_named("bob") is None
    assert keyring.user_named("ali") is None


def test_a_user_is_found_in_whatever_case_the_name_is_typed():
    alice, other = make_user(), make_user(id=2, name="GROSS")
    keyring = Keyring([alice, other])
    assert [keyring.user_named(name) for name in ("ALICE", "Alice", "groß")] == [alice, alice, other]


def test_of_two_who_differ_in_case_only_each_is_found_as_written_and_nobody_otherwise():
    lower, upper = make_user(name="anna"), make_user(id=2, name="Anna")
    keyring = Keyring([lower, upper])
    assert [keyring.user_named(name) for name in ("anna", "Anna", "ANNA")] == [lower, upper, None]


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ([], False),
        ([make_user()], False),
        ([make_user(password_hash="x")], True),
        ([make_user(password_hash="x", removed_at=NOW)], False),
        ([make_key()[0]], True),
        ([make_key(expires_at=NOW)[0]], False),
        ([make_key(revoked_at=NOW)[0]], False),
        ([make_session()[0], make_user()], True),
        ([make_session(expires_at=NOW)[0], make_user()], False),
        ([make_session(revoked_at=NOW)[0], make_user()], False),
    ],
)
def test_whether_anybody_could_come_from_afar(credentials: list[object], expected: bool):
    assert Keyring(credentials).has_credential(NOW) is expected  # type: ignore[arg-type]


def test_ended_sessions_are_forgotten_and_the_others_stay():
    (old, old_cookie), (young, young_cookie) = make_session(expires_at=NOW), make_session(id=2)
    keyring = Keyring([old, young, make_user()])
    keyring.drop_ended(NOW)
    assert keyring.sessions(NOW - MOMENT) == [young]
    assert keyring.session_of(old_cookie, NOW - MOMENT) is None
    assert keyring.session_of(young_cookie, NOW)


def test_uses_are_told_once_a_minute():
    (session, cookie), (key, text) = make_session(), make_key()
    keyring = Keyring([session, key, make_user()])
    keyring.session_of(cookie, NOW + timedelta(seconds=59))
    keyring.key_of(text, NOW)
    assert keyring.take_uses() == (
        {},
        {1: NOW},
    )  # the session is known to have been seen at NOW, the key never was
    keyring.session_of(cookie, NOW + timedelta(seconds=60))
    assert keyring.take_uses() == ({1: NOW + timedelta(seconds=60)}, {})
    assert keyring.take_uses() == ({}, {})


def test_a_session_that_was_forgotten_meanwhile_was_not_used():
    session, cookie = make_session(expires_at=LATER)
    keyring = Keyring([session, make_user()])
    keyring.session_of(cookie, LATER - MOMENT)
    keyring.drop_ended(LATER)
    assert keyring.take_uses() == ({}, {})


def test_the_next_to_end_by_itself_is_known():
    (session, _), (key, _) = make_session(expires_at=LATER + MOMENT), make_key(expires_at=LATER)
    (revoked, _), (lasting, _) = make_key(id=2, expires_at=NOW + MOMENT, revoked_at=NOW), make_key(id=3)
    keyring = Keyring([session, key, revoked, lasting])
    assert keyring.next_end(NOW) == LATER
    assert keyring.next_end(LATER) == LATER + MOMENT
    assert keyring.next_end(LATER + MOMENT) is None


def test_nothing_is_left_of_a_key_that_is_forgotten():
    (gone, text), (kept, _) = make_key(), make_key(id=2)
    keyring = Keyring([gone, kept])
    keyring.key_of(text, NOW)
    keyring.forget(gone)
    assert keyring.key_of(text, NOW) is None
    assert keyring.all_keys() == [kept]
    assert keyring.take_uses() == ({}, {})


@pytest.mark.parametrize("ended", [{"revoked_at": NOW}, {"expires_at": NOW}])
def test_who_came_in_is_known_as_long_as_what_they_came_in_with_is_valid(ended: dict[str, object]):
    (session, _), (key, _) = make_session(), make_key()
    by_session, by_key = Actor("session", "alice", session.id), Actor("key", key.label, key.id)
    keyring = Keyring([session, key])
    assert all(keyring.still_knows(actor, NOW) for actor in (by_session, by_key, CONSOLE))
    keyring = Keyring([replace(session, **ended), replace(key, **ended)])  # type: ignore[arg-type]
    assert [keyring.still_knows(actor, NOW) for actor in (by_session, by_key, CONSOLE)] == [
        False,
        False,
        True,
    ]
    assert not Keyring().still_knows(by_session, NOW)
