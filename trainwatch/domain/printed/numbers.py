"""Numbers and durations as programs print them."""

import re
from math import isfinite

NUMBER = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
"""Bounded, as every repetition here is: a line of nothing but digits must not take long."""
VALUE = rf"(?:{NUMBER}|[+-]?(?:nan|NaN|NAN|inf|Inf|INF|[Ii]nfinity)\b)"
"""A number, or one of the words for what is none."""

_SCALES = {"": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_LARGEST = 2**53 - 1
_CLOCK = re.compile(r"(?:([0-9]{1,5}) days?, )?([0-9]{1,6}(?::[0-9]{1,2}){1,2})")
_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{0,9})?)(us|ms|s|m|h|d)\b")
_UNIT_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def value_of(text: str) -> float | None:
    """Return what `VALUE` matched; None for a number too large for a float, which is no metric."""
    value = float(text)
    return value if isfinite(value) or text.lstrip("+-")[0] in "nNiI" else None


def whole(text: str) -> int | None:
    """Return `text`, digits with or without commas, as a number that may be kept; else None."""
    digits = text.replace(",", "") if "," in text else text
    if not digits.isdigit() or len(digits) > 16 or not digits.isascii():
        return None
    number = int(digits)
    return number if number <= _LARGEST else None


def scaled(text: str) -> int | None:
    """Return "615k" or "8.00M" as a number, rounded; None where it is none ("?")."""
    if text.isdigit():
        return whole(text)
    digits, scale = (text[:-1], text[-1:]) if text[-1:] in _SCALES else (text, "")
    try:
        number = float(digits) * _SCALES[scale]
    except ValueError:
        return None
    return round(number) if 0 <= number <= _LARGEST else None


def seconds_of(text: str) -> float | None:
    """Return "01:02:03", "1 day, 2:03:04", "1.37s" or "1m 20s" in seconds; None for anything else."""
    clock = _CLOCK.match(text)
    if clock:
        seconds = 0.0
        for part in clock[2].split(":"):
            seconds = seconds * 60 + int(part)
        return seconds + int(clock[1] or 0) * 86_400
    amounts = _AMOUNT.findall(text[:60])
    return sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in amounts) if amounts else None
