"""Metrics as senders write them: one value each, or whole curves."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import cast

from trainwatch.domain.number import parse_value, parse_whole
from trainwatch.domain.report import Column
from trainwatch.domain.text import parse_name
from trainwatch.errors import InvalidReportError, TooLargeError

MOST_METRICS = 256

Value = tuple[float | None, str | None]
"""A finite value and no flag, or no value and its flag."""

_SPELLINGS = {"learningRate": "learning_rate"}


def parse_metrics(raw: object, field: str) -> dict[str, Value] | None:
    """Return the values of the object `raw` by name; a null one is left out, None if none is left.

    Raises:
        InvalidReportError: If it is no object, or a value no number.
        TooLargeError: If there are more than 256, or a name is too long.
    """
    metrics: dict[str, Value] = {}
    for name, value in parse_object(raw, field).items():
        if type(value) is float and isfinite(value):
            metrics[_parse_metric_name(name, field)] = (value, None)
        elif value is not None:
            clean = _parse_metric_name(name, field)
            metrics[clean] = parse_value(value, f"{field}.{clean}")
    check_count(len(metrics), field)
    return metrics or None


def parse_series(raw: object, field: str) -> tuple[Column, ...] | None:
    """Return the curves of the object `raw`, {name: {"steps": [...], "values": [...]}}; None if all are empty.

    Raises:
        InvalidReportError: If it is not shaped like this.
        TooLargeError: If there are more than 256, or a name is too long.
    """
    columns: dict[str, Column] = {}
    for name, curve in parse_object(raw, field).items():
        clean = _parse_metric_name(name, field)
        column = None if curve is None else _parse_column(clean, curve, f"{field}.{clean}")
        if column is not None:
            columns[clean] = column
    check_count(len(columns), field)
    return tuple(columns.values()) or None


def check_count(count: int, field: str) -> None:
    """Refuse more metrics than one report may have.

    Raises:
        TooLargeError: If `count` is above 256.
    """
    if count > MOST_METRICS:
        raise TooLargeError(f"a report may have at most {MOST_METRICS} metrics", field=field)


def parse_object(raw: object, field: str) -> Mapping[str, object]:
    """Return `raw` if it is a JSON object.

    Raises:
        InvalidReportError: If it is not.
    """
    if not isinstance(raw, Mapping):
        raise InvalidReportError(f"{field} must be an object", field=field)
    return cast("Mapping[str, object]", raw)


def _parse_metric_name(raw: object, field: str) -> str:
    # The name goes into error fields only once it is known to be harmless.
    name = parse_name(raw, field)
    if name is None:
        raise InvalidReportError(f"{field} has a metric with an empty name", field=field)
    return _SPELLINGS.get(name, name)


def _parse_column(name: str, raw: object, field: str) -> Column | None:
    """Return a curve in step order, null values left out, the last of a repeated step kept; None if empty."""
    curve = parse_object(raw, field)
    raw_values = _parse_list(curve.get("values"), f"{field}.values")
    values = [None if value is None else parse_value(value, f"{field}.values") for value in raw_values]
    if curve.get("steps") is None:
        return _column(name, (), [value for value in values if value is not None])
    steps = [parse_whole(step, f"{field}.steps") for step in _parse_list(curve["steps"], f"{field}.steps")]
    if len(steps) != len(values):
        raise InvalidReportError(f"{field} must have as many steps as values", field=f"{field}.steps")
    by_step = {step: value for step, value in zip(steps, values, strict=True) if value is not None}
    ordered = sorted(by_step)
    return _column(name, tuple(ordered), [by_step[step] for step in ordered])


def _column(name: str, steps: tuple[int, ...], values: Sequence[Value]) -> Column | None:
    if not values:
        return None
    flags = {index: flag for index, (_, flag) in enumerate(values) if flag is not None}
    return Column(name, steps, tuple(value for value, _ in values), flags)


def _parse_list(raw: object, field: str) -> Sequence[object]:
    if not isinstance(raw, list):
        raise InvalidReportError(f"{field} must be a list", field=field)
    return cast("list[object]", raw)
