"""Moments as senders write them, to aware UTC times."""

import re
from datetime import UTC, datetime
from typing import Final

from trainwatch.domain.number import parse_number
from trainwatch.errors import InvalidReportError

_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_SECOND, _LAST_SECOND = _FIRST.timestamp(), _LAST.timestamp()
_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_LONGEST_TEXT = 64


def parse_moment(raw: object, field: str) -> datetime:
    """Return `raw` as an aware UTC time from 2000 to 2100.

    A number, or the text of one, is seconds or milliseconds since 1970: within these years the
    two cannot be confused. Other text is ISO 8601; without an offset it is taken as UTC.

    Raises:
        InvalidReportError: If it is none of those, or outside of these years.
    """
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw.strip()):
        return _from_iso(raw.strip(), field)
    number = parse_number(raw, field)
    seconds = number / 1000 if number >= _LAST_SECOND else number
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        raise _refusal(field)
    return datetime.fromtimestamp(seconds, UTC)


def _from_iso(text: str, field: str) -> datetime:
    if len(text) > _LONGEST_TEXT:
        raise _refusal(field)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refusal(field) from None
    if not _FIRST <= moment < _LAST:
        raise _refusal(field)
    return moment


def _refusal(field: str) -> InvalidReportError:
    meant = "an ISO 8601 time, or seconds or milliseconds since 1970, from 2000 to 2100"
    return InvalidReportError(f"{field} must be {meant}", field=field)
