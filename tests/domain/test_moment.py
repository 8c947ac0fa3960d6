import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.moment import parse_moment
from trainwatch.errors import InvalidReportError

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        NOON.timestamp(),
        int(NOON.timestamp()),
        int(NOON.timestamp() * 1000),
        str(int(NOON.timestamp())),
        str(int(NOON.timestamp() * 1000)),
        "2025-03-01T12:00:00Z",
        "2025-03-01T12:00:00.000Z",
        "2025-03-01T13:00:00+01:00",
        " 2025-03-01 12:00:00 ",
        "2025-03-01T12:00:00.000000000Z",
        "20250301T120000Z",
    ],
)
def test_one_moment_may_be_written_in_many_ways(raw):
    moment = parse_moment(raw, "timestamp")
    assert moment == NOON
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "raw",
    [
        *(
            0,
            -1,
            1,
            1e9 * 1e9,
            math.nan,
            math.inf,
            10**400,
            True,
            None,
            [],
            {},
            "",
            "yesterday",
            "1999-12-31T23:59:59Z",
        ),
        *(
            "2100-01-01",
            "0001-01-01T00:00:00+23:00",
            "9999-12-31T23:59:59-23:00",
            "2025-13-01",
            "\ud800",
            "2" * 1000,
        ),
    ],
)
def test_what_is_no_moment_of_this_century_is_refused_and_named(raw):
    with pytest.raises(InvalidReportError) as caught:
        parse_moment(raw, "timestamp")
    assert caught.value.field == "timestamp"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_seconds_and_milliseconds_are_never_confused(moment):
    assert abs(parse_moment(moment.timestamp(), "timestamp") - moment) < timedelta(milliseconds=1)
    assert abs(parse_moment(moment.timestamp() * 1000, "timestamp") - moment) < timedelta(milliseconds=1)


@given(st.text() | st.floats() | st.integers())
def test_anything_is_a_moment_of_this_century_or_refused(raw):
    try:
        moment = parse_moment(raw, "timestamp")
    except InvalidReportError:
        return
    assert 2000 <= moment.year < 2100
