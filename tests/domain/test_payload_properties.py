import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from trainwatch.domain.fields import SPELLINGS
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Note, Point, Report
from trainwatch.errors import InvalidReportError, TooLargeError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(
        ["45%", "nan", "-Infinity", "1e400", "1h 2m", "2025-03-01", "running", "firing", "", "\0"]
    )
    | st.sampled_from([10**400, -(10**400), 2**53, 1, 0, 1_740_000_000, math.nan, math.inf])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)
CURVES = st.dictionaries(
    st.text(max_size=3),
    st.fixed_dictionaries(
        {}, optional={"steps": st.lists(SCALARS, max_size=4), "values": st.lists(SCALARS, max_size=4)}
    ),
    max_size=3,
)
KNOWN = st.sampled_from([*sorted(SPELLINGS), "level"])
GPUS = st.dictionaries(st.sampled_from(["utilization", "memoryUsed", "power"]), SCALARS)
PAYLOADS = st.dictionaries(KNOWN, SCALARS | JSON | CURVES | GPUS, max_size=8) | st.dictionaries(
    KNOWN | st.text(), JSON, max_size=8
)


def numbers(value: Any) -> Iterator[float]:
    """Every number anywhere in `value`."""
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from numbers(inner)


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere in `value`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from texts(inner)


def understood(payload: dict[str, Any]) -> Report | Note | None:
    try:
        return parse(payload)
    except (InvalidReportError, TooLargeError) as error:
        f"{error.message} {error.field}".encode()  # an answer can be made of it
        return None


@given(PAYLOADS)
@example({"taskName": "a", "progress": 10**400})
@example({"taskName": "a", "metrics": {"\ud800": "x"}})
def test_anything_is_understood_or_refused_and_what_is_kept_can_be_stored(payload):
    parsed = understood(payload)
    if parsed is None:
        return
    facts = dataclasses.asdict(parsed)
    assert all(math.isfinite(number) for number in numbers(facts))
    assert all("\0" not in text and text.encode() for text in texts(facts))


@given(st.dictionaries(KNOWN, SCALARS, max_size=6), SCALARS, SCALARS)
def test_progress_that_is_understood_is_a_fraction(payload, progress, unit):
    parsed = understood({**payload, "taskName": "a", "progress": progress, "progressUnit": unit})
    if isinstance(parsed, Report) and parsed.progress is not None:
        assert 0 <= parsed.progress.value <= 1


@given(st.dictionaries(st.text(max_size=8), SCALARS, max_size=8))
def test_every_point_has_either_a_value_or_a_flag(metrics):
    parsed = understood({"taskName": "a", "metrics": metrics})
    if isinstance(parsed, Report):
        assert all(isinstance(point, Point) for point in parsed.points)
        assert all((point.value is None) != (point.flag is None) for point in parsed.points)
        assert len({point.name for point in parsed.points}) == len(parsed.points)


@given(CURVES)
def test_the_columns_of_a_series_are_parallel_and_in_step_order(series):
    parsed = understood({"taskName": "a", "series": series})
    if not isinstance(parsed, Report):
        return
    for column in parsed.columns:
        assert column.values
        assert len(column.steps) in (0, len(column.values))
        assert list(column.steps) == sorted(set(column.steps))
        gaps = {index for index, value in enumerate(column.values) if value is None}
        assert gaps == set(column.flags)
