import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.progress import Progress, parse_progress, resolve
from trainwatch.errors import InvalidReportError


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        (0.45, None, 0.45),
        (45, None, 0.45),
        ("45", None, 0.45),
        ("0.45", None, 0.45),
        ("45%", None, 0.45),
        (" 45 % ", None, 0.45),
        ("1%", None, 0.01),
        ("0.5%", None, 0.005),
        (100, None, 1),
        ("100%", None, 1),
        (0, None, 0),
        (1, None, 1),
        (1, "percent", 0.01),
        (0.5, "percent", 0.005),
        (0.5, "Fraction", 0.5),
        (1, "fraction", 1),
        (-0.0, None, 0),
    ],
)
def test_fractions_and_percentages_are_told_apart(raw, unit, value):
    parsed = parse_progress(raw, unit).value
    assert parsed == pytest.approx(value)
    assert math.copysign(1, parsed) == 1


@pytest.mark.parametrize(
    "raw", [True, False, -1, -0.001, 100.1, "101%", "abc", "", "%", math.nan, "nan%", [], {}]
)
def test_progress_outside_of_its_range_is_refused(raw):
    with pytest.raises(InvalidReportError) as caught:
        parse_progress(raw)
    assert caught.value.field == "progress"


def test_a_fraction_above_one_is_refused():
    with pytest.raises(InvalidReportError) as caught:
        parse_progress(45, "fraction")
    assert caught.value.field == "progress"


@pytest.mark.parametrize("unit", ["steps", "", 1, True, []])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(InvalidReportError) as caught:
        parse_progress(0.5, unit)
    assert caught.value.field == "progressUnit"


@pytest.mark.parametrize(
    ("raw", "unit", "kind"),
    [
        (1, None, "unclear"),
        (0, None, "unclear"),
        (1, "fraction", "fraction"),
        ("1%", None, "percent"),
        (2, None, "percent"),
        (0.5, None, "fraction"),
    ],
)
def test_how_it_was_written_is_remembered(raw, unit, kind):
    assert parse_progress(raw, unit).unit == kind


@pytest.mark.parametrize(
    ("in_percent", "share", "value"),
    [
        (None, None, 1.0),
        (False, None, 1.0),
        (True, None, 0.01),
        (None, 1 / 100, 0.01),
        (None, 1 / 3, 0.01),
        (None, 100 / 100, 1.0),
        (False, 9 / 10, 1.0),
        (True, 1.0, 0.01),
    ],
)
def test_a_bare_one_is_done_unless_the_epochs_or_earlier_percentages_say_otherwise(in_percent, share, value):
    assert resolve(parse_progress(1), in_percent=in_percent, share=share) == value


def test_a_one_that_was_said_to_be_a_fraction_is_done_whatever_came_before():
    assert resolve(parse_progress(1, "fraction"), in_percent=True, share=0.01) == 1.0


@given(
    st.one_of(st.floats(0, 100), st.integers(0, 100)),
    st.sampled_from([None, "percent"]),
    st.sampled_from([None, True, False]),
    st.none() | st.floats(0, 2),
)
def test_progress_is_always_a_fraction(raw, unit, in_percent, share):
    progress = parse_progress(raw, unit)
    assert isinstance(progress, Progress)
    assert 0 <= progress.value <= 1
    assert 0 <= resolve(progress, in_percent=in_percent, share=share) <= 1
