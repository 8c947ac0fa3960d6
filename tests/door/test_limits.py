"""How often somebody may try, ask and hold open; one who exceeds it is told when to come again."""

from contextlib import ExitStack, suppress

import pytest

from tests.plugins.doors import make_limits
from trainwatch.domain.audit import Actor
from trainwatch.door.limits import MOST_SOCKETS, SIGN_IN_TRIES, Limits
from trainwatch.errors import RateLimitedError

ALICE = Actor("session", "alice", 1)
CLUSTER = Actor("key", "cluster", 1)
LOCAL = Actor("local", "this machine")


def try_until_refused(limits: Limits, *who: str) -> tuple[int, RateLimitedError]:
    """Return how many tries were let through, and the refusal of the next one."""
    for tried in range(1_000):
        try:
            limits.count_sign_in(*who)
        except RateLimitedError as error:
            return tried, error
    raise AssertionError("nobody was refused")


def test_a_window_that_would_last_until_a_clock_that_was_set_back_is_as_before_again_is_over():
    limits = make_limits()
    counts = limits._counts  # pyright: ignore[reportPrivateUsage]
    counts.incr(SIGN_IN_TRIES.key_for("address 10.0.0.1"), expiry=40 * 86_400, amount=10)
    assert try_until_refused(limits, "address 10.0.0.1")[0] == 10


def test_ten_tries_from_one_address_whatever_the_names():
    limits = make_limits()
    for number in range(10):
        limits.count_sign_in("address 10.0.0.1", f"name user{number}")
    tried, error = try_until_refused(limits, "address 10.0.0.1", "name user10")
    assert tried == 0
    assert 1 <= error.retry_after_s <= 300
    limits.count_sign_in("address 10.0.0.2", "name user10")


def test_ten_tries_for_one_name_whatever_the_addresses():
    limits = make_limits()
    for number in range(10):
        limits.count_sign_in(f"address 10.0.0.{number}", "name alice")
    assert try_until_refused(limits, "address 10.0.1.1", "name alice")[0] == 0
    limits.count_sign_in("address 10.0.1.2", "name bob")


def test_a_try_that_succeeded_does_not_count():
    limits = make_limits()
    who = ("address 10.0.0.1", "name alice")
    for _ in range(9):
        limits.count_sign_in(*who)
    for _ in range(50):
        limits.count_sign_in(*who)
        limits.forgive_sign_in(*who)
    assert try_until_refused(limits, *who)[0] == 1


def test_who_is_refused_for_the_address_does_not_use_up_the_tries_of_a_name():
    limits = make_limits()
    try_until_refused(limits, "address 10.0.0.1")
    for _ in range(50):
        with suppress(RateLimitedError):
            limits.count_sign_in("address 10.0.0.1", "name alice")
    assert try_until_refused(limits, "name alice")[0] == 10


def test_an_address_and_a_name_that_read_alike_are_two():
    limits = make_limits()
    try_until_refused(limits, "address 10.0.0.1")
    limits.count_sign_in("name 10.0.0.1")


def test_each_key_has_requests_of_its_own_and_others_are_not_counted():
    limits = make_limits(key_requests_per_minute=5)
    for _ in range(5):
        limits.count_request(CLUSTER)
    with pytest.raises(RateLimitedError) as refused:
        limits.count_request(CLUSTER)
    assert 1 <= refused.value.retry_after_s <= 60
    limits.count_request(Actor("key", "cluster", 2))
    for actor in (ALICE, LOCAL, Actor("console", "command line"), Actor("stranger", "a stranger")):
        for _ in range(20):
            limits.count_request(actor)


@pytest.mark.parametrize("actor", [ALICE, CLUSTER, LOCAL], ids=lambda actor: actor.kind)
def test_sockets_are_counted_down_however_they_end(actor: Actor):
    limits, most = make_limits(), MOST_SOCKETS[actor.kind]
    for ending in (None, ValueError, RateLimitedError, GeneratorExit):
        with ExitStack() as stack:
            for _ in range(most):
                stack.enter_context(limits.socket(actor))
            with pytest.raises(RateLimitedError):
                stack.enter_context(limits.socket(actor))
            if ending is not None:
                stack.push(lambda *_: True)
                stack.callback(_raise, ending)
    assert vars(limits)["_sockets"] == {}


def _raise(kind: type[BaseException]) -> None:
    raise kind("x") if kind is not RateLimitedError else RateLimitedError("x", retry_after_s=1)


def test_one_who_holds_many_sockets_takes_none_from_others():
    limits = make_limits()
    with ExitStack() as stack:
        for _ in range(MOST_SOCKETS["session"]):
            stack.enter_context(limits.socket(ALICE))
        stack.enter_context(limits.socket(Actor("session", "alice", 2)))
        stack.enter_context(limits.socket(CLUSTER))
        stack.enter_context(limits.socket(LOCAL))


def test_a_stranger_holds_none():
    with pytest.raises(RateLimitedError), make_limits().socket(Actor("stranger", "a stranger")):
        pass
