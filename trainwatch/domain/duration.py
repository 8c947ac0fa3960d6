"""Durations: read as programs and people write them, written as people read them."""

import re

from trainwatch.domain.number import parse_number
from trainwatch.errors import InvalidReportError

MINUTE, HOUR, DAY = 60, 3600, 86_400
LONGEST_SECONDS = 1e11
"""Some 3,000 years: an instant this far off is still a date."""

_LONGEST_TEXT = 100
_UNIT_SECONDS: dict[str, float] = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * DAY),
}
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_ISO = re.compile(
    rf"p(?=[0-9t])(?:({_NUMBER})y)?(?:({_NUMBER})m)?(?:({_NUMBER})w)?(?:({_NUMBER})d)?"
    rf"(?:t(?=[0-9])(?:({_NUMBER})h)?(?:({_NUMBER})m)?(?:({_NUMBER})s)?)?"
)
_ISO_SECONDS = (365 * DAY, 30 * DAY, 7 * DAY, DAY, HOUR, MINUTE, 1)
_BEFORE = re.compile(r"(?:eta\s*[:=]?\s*)?(?:~|≈|about\s|in\s)?\s*")
_AFTER = re.compile(r"\s*(?:left|remaining|to go)?\.?")
_DAYS_DASH = re.compile(r"([0-9]+)-(?=[0-9]+:)")
_CLOCK = re.compile(r"[0-9]+(?::[0-5]?[0-9]){1,3}(?:\.[0-9]+)?")
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\.?(?:,|\s|and\s)*")


def parse_duration(raw: object, field: str) -> float:
    """Return `raw` in seconds, never negative.

    A number is seconds. Text is a number, an ISO 8601 duration ("PT1H2M"; a year is 365 days, a
    month 30), a clock ("00:12:30", "12:30" is minutes and seconds, "1 day, 2:03:04",
    "1-02:03:04") or amounts with units ("1h 2m", "12 min", "2d 3h", "~1.5 hours left").

    Raises:
        InvalidReportError: If it is none of those, negative, or longer than 3,000 years.
    """
    seconds = _text_seconds(raw.strip().lower()) if isinstance(raw, str) else None
    if seconds is None:
        seconds = parse_number(raw, field) if _is_plain(raw) else -1
    if not 0 <= seconds <= LONGEST_SECONDS:
        meant = 'seconds (0 or more), an ISO 8601 duration or text like "1h 2m" or "00:12:30"'
        raise InvalidReportError(f"{field} must be {meant}", field=field)
    return seconds + 0.0


def format_duration(seconds: float) -> str:
    """Return `seconds` (finite; negative counts as 0) in its two largest units: "42s", "3m 20s", "2d 3h"."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return _two(whole, (MINUTE, "m"), (1, "s"))
    if whole < DAY:
        return _two(whole, (HOUR, "h"), (MINUTE, "m"))
    return _two(whole, (DAY, "d"), (HOUR, "h"))


def _two(seconds: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    first, rest = divmod(seconds, large[0])
    second = rest // small[0]
    return f"{first}{large[1]} {second}{small[1]}" if second else f"{first}{large[1]}"


def _is_plain(raw: object) -> bool:
    """Whether only `parse_number` can still make sense of `raw`, or say best why not."""
    return not isinstance(raw, str) or bool(re.fullmatch(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*", raw))


def _text_seconds(text: str) -> float | None:
    """Return the seconds that `text` (lower case) says with units or colons, else None."""
    if len(text) > _LONGEST_TEXT:
        return None
    iso = _ISO.fullmatch(text)
    if iso:
        return sum(
            float(amount.replace(",", ".")) * size
            for amount, size in zip(iso.groups(), _ISO_SECONDS, strict=True)
            if amount
        )
    before = _BEFORE.match(text)
    return _sum_amounts(_DAYS_DASH.sub(r"\1d ", text[before.end() if before else 0 :], count=1))


def _sum_amounts(text: str) -> float | None:
    total, at = 0.0, 0
    while amount := _AMOUNT.match(text, at):
        size = _UNIT_SECONDS.get(amount[2])
        if size is None:
            break
        total, at = total + float(amount[1]) * size, amount.end()
    clock = _CLOCK.match(text, at)
    if clock:
        total, at = total + _clock_seconds(clock[0]), clock.end()
    return total if at and _AFTER.fullmatch(text, at) else None


def _clock_seconds(clock: str) -> float:
    parts = [float(part) for part in clock.split(":")]
    return sum(part * size for part, size in zip(parts, (DAY, HOUR, MINUTE, 1)[-len(parts) :], strict=True))
