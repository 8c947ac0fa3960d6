import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.number import LARGEST_WHOLE, parse_number, parse_value, parse_whole
from trainwatch.errors import InvalidReportError


@pytest.mark.parametrize(
    ("raw", "number"),
    [(0, 0), (-2.5, -2.5), ("45", 45), (" 1e-4 ", 1e-4), (".5", 0.5), ("5.", 5), ("+3", 3), (2**60, 2.0**60)],
)
def test_numbers_and_their_texts_are_numbers(raw, number):
    assert parse_number(raw, "x") == number


@pytest.mark.parametrize(
    "raw",
    [
        True,
        False,
        "",
        "abc",
        "1_000",
        "\u0661",
        "0x10",
        "1e400",
        10**400,
        [1],
        {},
        None,
        "nan",
        math.inf,
        "1 2",
        "--1",
    ],
)
def test_what_is_no_finite_number_is_refused_and_named(raw):
    with pytest.raises(InvalidReportError) as caught:
        parse_number(raw, "currentEpoch")
    assert caught.value.field == "currentEpoch"


@pytest.mark.parametrize(
    ("raw", "whole"),
    [(0, 0), (3, 3), ("3", 3), (3.0, 3), ("3.0", 3), (LARGEST_WHOLE, LARGEST_WHOLE), (-0.0, 0)],
)
def test_integers_come_as_numbers_texts_and_integral_floats(raw, whole):
    parsed = parse_whole(raw, "step")
    assert parsed == whole
    assert type(parsed) is int


@pytest.mark.parametrize(
    "raw", [-1, 1.5, "1.5", True, 2**53, str(2**53), "9" * 5000, "nan", math.nan, None, "1e20"]
)
def test_what_is_no_integer_in_range_is_refused(raw):
    with pytest.raises(InvalidReportError):
        parse_whole(raw, "step")


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        ("NaN", "nan"),
        ("Infinity", "inf"),
        ("-Infinity", "-inf"),
        ("inf", "inf"),
        (" -inf ", "-inf"),
    ],
)
def test_a_metric_that_is_not_finite_becomes_a_flag(raw, flag):
    assert parse_value(raw, "loss") == (None, flag)


@pytest.mark.parametrize("raw", [True, "abc", "1e400", 10**400, -(10**400), [], {"a": 1}])
def test_a_metric_that_is_no_number_is_refused(raw):
    with pytest.raises(InvalidReportError):
        parse_value(raw, "loss")


@given(st.floats())
def test_of_value_and_flag_exactly_one_is_set(raw):
    value, flag = parse_value(raw, "loss")
    assert (value is None) != (flag is None)
    assert value is None or math.isfinite(value)
