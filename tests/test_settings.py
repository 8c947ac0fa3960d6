"""Where a server is reached, by what its settings say."""

import pytest
from pydantic import ValidationError

from trainwatch.door.policy import policy_of
from trainwatch.settings import Settings, addresses_of


@pytest.mark.parametrize(
    ("given", "public"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:8080"),
        ({"host": "::1"}, "http://[::1]:8080"),
        ({"allow_host": ("lab.example",)}, "http://lab.example:8080"),
        ({"public_url": "https://lab.example/"}, "https://lab.example"),
        ({"public_url": "https://Lab.example:8443"}, "https://lab.example:8443"),
        ({"public_url": "https://lab.example", "allow_host": ("other.example",)}, "https://lab.example"),
    ],
)
def test_people_are_sent_to_the_public_address(given: dict[str, object], public: str):
    assert addresses_of(Settings.model_validate(given), 8080).public == public


def test_programs_on_this_machine_stay_on_it():
    settings = Settings.model_validate({"public_url": "https://lab.example"})
    assert addresses_of(settings, 8080).local == "http://127.0.0.1:8080"


def test_the_name_in_the_public_address_is_one_of_the_server_and_opens_it():
    settings = Settings.model_validate({"public_url": "https://lab.example", "allow_host": ("x.example",)})
    assert settings.names == ("lab.example", "x.example")
    assert settings.is_open
    policy = policy_of(settings)
    assert policy.knows("lab.example")
    assert not policy.lets_anonymous_in


def test_a_public_address_that_is_this_machine_opens_nothing():
    settings = Settings.model_validate({"public_url": "http://localhost:8080"})
    assert settings.names == ()
    assert not settings.is_open


@pytest.mark.parametrize(
    "url", ["lab.example", "ftp://lab.example", "https://lab.example/trainwatch", "https://", ""]
)
def test_what_is_no_address_of_a_server_is_refused(url: str):
    with pytest.raises(ValidationError, match="without a path"):
        Settings.model_validate({"public_url": url})
