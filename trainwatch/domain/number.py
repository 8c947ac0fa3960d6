"""Numbers as senders write them, to numbers that may be kept: finite, in range, never a boolean."""

import math
import re

from trainwatch.errors import InvalidReportError

LARGEST_WHOLE = 2**53 - 1
"""The largest integer that JavaScript, JSON and a float all keep exactly."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NONFINITE = {
    "nan": "nan",
    "+nan": "nan",
    "-nan": "nan",
    "inf": "inf",
    "+inf": "inf",
    "infinity": "inf",
    "+infinity": "inf",
    "-inf": "-inf",
    "-infinity": "-inf",
}


def parse_number(raw: object, field: str) -> float:
    """Return `raw`, a number or the text of one, as a finite float.

    Raises:
        InvalidReportError: If it is a boolean, anything but a number, or not finite.
    """
    value = _to_float(raw, field)
    if math.isfinite(value):
        return value
    raise InvalidReportError(f"{field} must be a finite number", field=field)


def parse_whole(raw: object, field: str, *, most: int = LARGEST_WHOLE) -> int:
    """Return `raw`, an integer as a number or as text ("3", 3.0), from 0 to `most`, at most 2**53-1.

    Raises:
        InvalidReportError: If it is anything else.
    """
    if type(raw) is int:
        if 0 <= raw <= most:
            return raw
    else:
        value = _to_float(raw, field)
        if 0 <= value <= most and value.is_integer():
            return int(value)
    raise InvalidReportError(f"{field} must be a whole number from 0 to {most}", field=field)


def parse_epoch(raw: object, field: str) -> int:
    """Return `raw` as `parse_whole` does, a fraction of an epoch cut off: trainers log 0.53 within epoch 0.

    Raises:
        InvalidReportError: If it is no number, or not in 0..2**53-1.
    """
    if type(raw) is int:
        return parse_whole(raw, field)
    value = _to_float(raw, field)
    return parse_whole(math.floor(value) if math.isfinite(value) else value, field)


def parse_value(raw: object, field: str) -> tuple[float | None, str | None]:
    """Return a metric's value and its flag, of which exactly one is set.

    NaN and the infinities, as floats or as the usual words, are news and become the flag
    "nan", "inf" or "-inf". A number too large for a float is a mistake and is refused.

    Raises:
        InvalidReportError: If it is no number at all.
    """
    value = raw if type(raw) is float else _to_float(raw, field)
    if math.isfinite(value):
        return value, None
    return None, _flag(value)


def _flag(value: float) -> str:
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"


def _to_float(raw: object, field: str) -> float:
    """Return `raw` as a float, not finite only where the sender said so in words or as such a float."""
    if isinstance(raw, bool):
        raise InvalidReportError(f"{field} must be a number, not true or false", field=field)
    if isinstance(raw, float):
        return float(raw)
    if isinstance(raw, int):
        try:
            return float(raw)
        except OverflowError:
            raise InvalidReportError(f"{field} is too large a number", field=field) from None
    if isinstance(raw, str):
        return _text_to_float(raw.strip(), field)
    raise InvalidReportError(f"{field} must be a number", field=field)


def _text_to_float(text: str, field: str) -> float:
    nonfinite = _NONFINITE.get(text.lower())
    if nonfinite is not None:
        return float(nonfinite)
    if not _DECIMAL.fullmatch(text):
        raise InvalidReportError(f"{field} must be a number", field=field)
    value = float(text)
    if math.isinf(value):
        raise InvalidReportError(f"{field} is too large a number", field=field)
    return value
