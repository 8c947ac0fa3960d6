"""A variable that nothing reads is named, with what it was meant to be; others are left alone."""

import pytest

from trainwatch.cli.variables import complain_of
from trainwatch.settings import Settings

KUBERNETES = (
    "TRAINWATCH_SERVICE_HOST",
    "TRAINWATCH_SERVICE_PORT",
    "TRAINWATCH_SERVICE_PORT_HTTP",
    "TRAINWATCH_PORT",
    "TRAINWATCH_PORT_62222_TCP",
    "TRAINWATCH_PORT_62222_TCP_ADDR",
    "TRAINWATCH_WEB_SERVICE_HOST",
    "TRAINWATCH_WEB_PORT",
    "TRAINWATCH_WEB_PORT_80_TCP_PROTO",
)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("TRAINWATCH_REQUIRE_SIGNIN", "TRAINWATCH_REQUIRE_SIGN_IN"),
        ("TRAINWATCH_DATADIR", "TRAINWATCH_DATA_DIR"),
        ("TRAINWATCH_TRUSTED_PROXY", "TRAINWATCH_TRUST_PROXY"),
        ("TRAINWATCH_ALLOWED_HOSTS", "TRAINWATCH_ALLOW_HOST"),
        ("trainwatch_hots", "TRAINWATCH_HOST"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_nearest(name: str, nearest: str):
    said = complain_of(["PATH", name], Settings.model_fields)
    assert said == f"there is no setting {name}: did you mean {nearest}?"


def test_one_that_is_like_no_other_is_refused_too():
    assert complain_of(["TRAINWATCH_"], Settings.model_fields)
    assert complain_of(["TRAINWATCH_XYZZY"], Settings.model_fields) == (
        "there is no setting TRAINWATCH_XYZZY: the README lists those that there are"
    )


def test_all_that_are_wrong_are_named():
    said = complain_of(["TRAINWATCH_PROT", "TRAINWATCH_HOTS"], Settings.model_fields)
    assert said is not None
    assert said.count("there is no setting") == 2


@pytest.mark.parametrize(
    "name",
    [
        *(f"TRAINWATCH_{each.upper()}" for each in Settings.model_fields),
        *("TRAINWATCH_URL", "TRAINWATCH_KEY", "TRAINWATCH_TASK_ID", "TRAINWATCH_ATTEMPT_MARKER"),
        *KUBERNETES,
        "trainwatch_host",
        "TRAINWATCHER",
    ],
)
def test_what_somebody_reads_is_left_alone(name: str):
    assert complain_of([name], Settings.model_fields) is None
