"""Passwords are kept as argon2id, and a wrong name costs what a wrong password costs."""

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from trainwatch.door import passwords
from trainwatch.door.passwords import LONGEST, SHORTEST, hash_password, is_password
from trainwatch.errors import BadRequestError

PASSWORD = "correct horse"
KEPT = hash_password(PASSWORD)


def test_a_password_is_kept_as_argon2id_with_a_salt_and_parameters_that_cost_something():
    _, kind, version, parameters, salt, digest = KEPT.split("$")
    facts = dict(each.split("=") for each in parameters.split(","))
    assert (kind, version) == ("argon2id", "v=19")
    assert int(facts["m"]) >= 19_456  # KiB; what OWASP asks for, at t=2
    assert int(facts["t"]) >= 2
    assert len(salt) >= 22
    assert len(digest) >= 43
    assert hash_password(PASSWORD) != KEPT
    assert PASSWORD not in KEPT


def test_the_right_password_is_right_and_no_other():
    assert is_password(PASSWORD, KEPT)
    for wrong in ("", PASSWORD.upper(), PASSWORD + "\0"):
        assert not is_password(wrong, KEPT)


@pytest.mark.parametrize("password", ["pässwörter", "a\tb\nc\u202e-----", "🐎" * LONGEST])
def test_any_text_may_be_a_password(password: str):
    assert is_password(password, hash_password(password))


@pytest.mark.parametrize("password", ["", "x" * (SHORTEST - 1), "x" * (LONGEST + 1)])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str):
    with pytest.raises(BadRequestError, match="10 to 1000 characters") as refused:
        hash_password(password)
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", ["nobody has this password", ""])
def test_where_there_is_no_user_no_password_is_right(password: str):
    assert not is_password(password, None)
    assert not is_password(password, "")


def calls_of(password: str, password_hash: str | None) -> Counter[str]:
    """Return which functions ran how often while a password was looked at."""
    seen: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            seen[f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"] += 1
        elif event == "c_call":
            seen[f"{argument.__module__}.{argument.__qualname__}"] += 1

    sys.setprofile(note)
    try:
        is_password(password, password_hash)
    finally:
        sys.setprofile(None)
    return seen


def test_no_user_costs_the_same_work_as_a_wrong_password():
    is_password("the first one of all", None)  # from then on there is somebody to compare with
    known, unknown = calls_of("wrong password", KEPT), calls_of("wrong password", None)
    assert [name for name in known if "verify" in name]
    assert unknown == known


def test_what_nobody_has_is_as_hard_as_what_users_have():
    nobodys: str = vars(passwords)["_nobodys"]()
    assert nobodys.split("$")[:4] == KEPT.split("$")[:4]


def test_a_password_too_long_to_be_one_is_not_even_hashed():
    assert not [name for name in calls_of("x" * (LONGEST + 1), KEPT) if "verify" in name]
