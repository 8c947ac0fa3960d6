"""A sign-in link works once, for ten minutes, for one user."""

from datetime import timedelta

from tests.plugins.doors import NOW
from trainwatch.door.links import Links

MOMENT = timedelta(microseconds=1)
TEN_MINUTES = timedelta(minutes=10)


def test_a_link_is_good_once():
    links = Links()
    secret = links.make(7, NOW)
    assert links.take(secret, NOW) == 7
    assert links.take(secret, NOW) is None


def test_a_link_is_good_for_ten_minutes():
    links = Links()
    in_time, late = links.make(7, NOW), links.make(8, NOW)
    assert links.take(in_time, NOW + TEN_MINUTES - MOMENT) == 7
    assert links.take(late, NOW + TEN_MINUTES) is None
    assert links.take(late, NOW) is None  # who came too late has used it up


def test_links_are_different_and_do_not_disturb_each_other():
    links = Links()
    secrets = {links.make(user_id, NOW): user_id for user_id in range(50)}
    assert len(secrets) == 50
    assert all(len(secret) == 43 for secret in secrets)
    assert {links.take(secret, NOW) for secret in secrets} == set(range(50))


def test_what_is_no_link_opens_nothing():
    links = Links()
    secret = links.make(7, NOW)
    for wrong in ("", secret[:-1], secret + "x", secret.swapcase(), f"#{secret}", "x" * 100_000):
        assert links.take(wrong, NOW) is None
    assert Links().take(secret, NOW) is None  # another server's, or this one's before it was started again
    assert links.take(secret, NOW) == 7


def test_links_that_nobody_used_are_forgotten_and_none_is_kept_in_clear():
    links = Links()
    old = [links.make(7, NOW) for _ in range(100)]
    young = links.make(7, NOW + TEN_MINUTES)
    kept = vars(links)["_links"]
    assert len(kept) == 1
    assert not {young, *old} & kept.keys()
