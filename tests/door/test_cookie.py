"""What the cookie lets nobody do: read it by script, send it from elsewhere, see it in clear where https is used."""

import pytest

from trainwatch.door.cookie import clear_cookie, cookie_name, set_cookie


def parts_of(header: str) -> tuple[str, set[str]]:
    """Return the pair and the attributes of a Set-Cookie header."""
    pair, *attributes = header.split("; ")
    assert len(attributes) == len(set(attributes))
    return pair, set(attributes)


@pytest.mark.parametrize(("is_secure", "more"), [(False, set()), (True, {"Secure"})])
def test_the_cookie_is_kept_from_scripts_and_other_sites_and_over_https_from_the_wire(
    is_secure: bool, more: set[str]
):
    pair, attributes = parts_of(set_cookie("trainwatch_1a2b", "secret", is_secure=is_secure))
    assert pair == "trainwatch_1a2b=secret"
    assert attributes == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax"} | more


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_cookie_is_taken_away_with_the_attributes_it_was_given_with(is_secure: bool):
    pair, attributes = parts_of(clear_cookie("trainwatch_1a2b", is_secure=is_secure))
    given = parts_of(set_cookie("trainwatch_1a2b", "secret", is_secure=is_secure))[1]
    assert pair == "trainwatch_1a2b="
    assert attributes - {"Max-Age=0"} == given - {"Max-Age=2592000"}


def test_each_instance_has_a_cookie_of_its_own():
    assert cookie_name("1a2b3c4d") == "trainwatch_1a2b3c4d"
    assert cookie_name("1a2b3c4d") != cookie_name("5e6f7a8b")
