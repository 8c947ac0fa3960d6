"""Texts as senders write them: stripped names and longer messages that a database can hold."""

import re

from trainwatch.errors import InvalidReportError, TooLargeError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

LONGEST_NAME = 200
LONGEST_MESSAGE = 10_000


def parse_name(raw: object, field: str) -> str | None:
    """Return `raw` without the blanks around it; None if nothing is left.

    Raises:
        InvalidReportError: If it is no text, or text that cannot be stored.
        TooLargeError: If it is longer than 200 characters.
    """
    return _parse(raw, field, LONGEST_NAME)


def parse_id(raw: object, field: str) -> str | None:
    """Return the identifier `raw` as `parse_name` does; schedulers' integers are fine too.

    Raises:
        InvalidReportError: If it is neither text nor an integer, or cannot be stored.
        TooLargeError: If it is longer than 200 characters.
    """
    if type(raw) is int and abs(raw) < 1 << 64:
        return str(raw)
    return _parse(raw, field, LONGEST_NAME)


def parse_message(raw: object, field: str) -> str | None:
    """Return `raw` without the blanks around it; None if nothing is left.

    Raises:
        InvalidReportError: If it is no text, or text that cannot be stored.
        TooLargeError: If it is longer than 10,000 characters.
    """
    return _parse(raw, field, LONGEST_MESSAGE)


def first_line(text: str) -> str:
    """Return the first line of `text`, which is not blank, cut to the length of a name."""
    line = text.strip().splitlines()[0].rstrip()
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


def is_line(text: str) -> bool:
    """Whether `text` has no line ends, and nothing else that makes a terminal do something."""
    return _CONTROL.search(text) is None


def as_line(text: str) -> str:
    r"""Return `text` with what `is_line` would not have written out, such as `\x1b`; safe to print."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _parse(raw: object, field: str, longest: int) -> str | None:
    if not isinstance(raw, str):
        raise InvalidReportError(f"{field} must be text", field=field)
    text = raw.strip()
    if len(text) > longest:
        raise TooLargeError(f"{field} may have at most {longest} characters", field=field)
    if not text.isprintable() and not is_storable(text):
        raise InvalidReportError(f"{field} holds characters that cannot be stored", field=field)
    return text or None


def is_storable(text: str) -> bool:
    """Whether `text` has no NUL, which PostgreSQL refuses, and no half of a surrogate pair, which UTF-8 does."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
