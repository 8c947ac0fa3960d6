import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.duration import LONGEST_SECONDS, format_duration, parse_duration
from trainwatch.errors import InvalidReportError


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (0, 0),
        (90, 90),
        (90.5, 90.5),
        ("90", 90),
        ("1e3", 1000),
        ("PT1H2M3.5S", 3723.5),
        ("P1DT2H", 93_600),
        ("P2W", 1_209_600),
        ("PT1,5H", 5400),
        ("pt5m", 300),
        ("P1M", 30 * 86_400),
        ("1h 2m", 3720),
        ("1h2m3s", 3723),
        ("1H 2M", 3720),
        ("00:12:30", 750),
        ("12:30", 750),
        ("75:00", 4500),
        ("0:00:12.5", 12.5),
        ("1:02:03:04", 93_784),
        ("1-02:03:04", 93_784),
        ("1 day, 2:03:04", 93_784),
        ("2 days, 2:03:04", 180_184),
        ("12 min", 720),
        ("12 min.", 720),
        ("12min30s", 750),
        ("1.5 hours", 5400),
        ("2d 3h", 183_600),
        ("500ms", 0.5),
        ("1 hour, 2 minutes and 3 seconds", 3723),
        ("ETA: 1:02:03", 3723),
        ("~5 minutes left", 300),
        ("about 2 hours remaining", 7200),
        ("in 3 sec", 3),
    ],
)
def test_durations_are_read_as_tools_print_them(raw, seconds):
    assert parse_duration(raw, "eta") == pytest.approx(seconds)


@pytest.mark.parametrize(
    "raw",
    [
        *(
            -1,
            "-5",
            "-1 day, 2:03:04",
            "-PT1H",
            True,
            None,
            [],
            {},
            math.nan,
            math.inf,
            "nan",
            "inf",
            10**400,
        ),
        *(
            "",
            "soon",
            "P",
            "PT",
            "P1DT",
            "1h 2",
            "h",
            "00:90",
            "1:2:3:4:5",
            "3 parsecs",
            "1 2",
            "..",
            "1h 1e400",
        ),
        *("1" * 90 + "h", "1h " * 60, LONGEST_SECONDS * 2, "9999 years", "12 min\0", "\uff11\uff12 min"),
    ],
)
def test_what_is_no_duration_is_refused_and_named(raw):
    with pytest.raises(InvalidReportError) as caught:
        parse_duration(raw, "eta")
    assert caught.value.field == "eta"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0s"), (-3, "0s"), (42, "42s"), (59.6, "1m"), (200, "3m 20s"), (3599.7, "1h"), (3900, "1h 5m")),
        *((3659, "1h"), (86_400, "1d"), (2 * 86_400 + 3 * 3600, "2d 3h"), (400 * 86_400, "400d")),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds, text):
    assert format_duration(seconds) == text


@given(st.floats(0, 1e8))
def test_what_is_written_reads_back_to_within_its_smaller_unit(seconds):
    smaller = 1 if seconds < 3600 else 60 if seconds < 86_400 else 3600
    assert parse_duration(format_duration(seconds), "eta") == pytest.approx(seconds, abs=smaller)


@given(st.timedeltas(timedelta(0), timedelta(days=10_000)))
def test_a_timedelta_reads_back_from_its_text(duration):
    assert parse_duration(str(duration), "eta") == pytest.approx(duration.total_seconds())


@given(st.text())
def test_any_text_is_a_duration_in_range_or_refused(text):
    try:
        seconds = parse_duration(text, "eta")
    except InvalidReportError:
        return
    assert 0 <= seconds <= LONGEST_SECONDS
