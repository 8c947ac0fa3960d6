"""Texts as senders write them, made harmless: names of one line, and longer messages that have several.

Every text that comes in passes `clean_line` or `clean_text`, for it reaches terminals, logs, file names and the
environment of jobs. What identifies something is refused instead: two that differ must not become one.
"""

import re
from collections.abc import Callable

from trainwatch.errors import InvalidReportError, TooLargeError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, and the cursor's moves
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links, and their like
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile(r"[\t\n]+")
_KEPT = "\t\n"

LONGEST_NAME = 200
LONGEST_MESSAGE = 10_000


def parse_name(raw: object, field: str) -> str | None:
    """Return `raw` as a clean line without the blanks around it; None if nothing is left.

    Raises:
        InvalidReportError: If it is no text, or text that cannot be stored.
        TooLargeError: If it is longer than 200 characters.
    """
    return _parse(raw, field, LONGEST_NAME, clean_line)


def parse_id(raw: object, field: str) -> str | None:
    """Return the identifier `raw` without the blanks around it; schedulers' integers are fine too.

    Raises:
        InvalidReportError: If it is neither text nor an integer, not a clean line, or cannot be stored.
        TooLargeError: If it is longer than 200 characters.
    """
    if type(raw) is int and abs(raw) < 1 << 64:
        return str(raw)
    return _parse(raw, field, LONGEST_NAME, _only_a_line(field))


def parse_message(raw: object, field: str) -> str | None:
    """Return `raw` as a clean text without the blanks around it; None if nothing is left.

    Raises:
        InvalidReportError: If it is no text, or text that cannot be stored.
        TooLargeError: If it is longer than 10,000 characters.
    """
    return _parse(raw, field, LONGEST_MESSAGE, clean_text)


def clean_text(text: str) -> str:
    """Return `text` without escape sequences and control characters but tabs and line ends, which all are newlines."""
    if text.isprintable() or is_line(text):
        return text
    lines = _LINE_END.sub("\n", _ESCAPE.sub("", text))
    return _CONTROL.sub(lambda found: found[0] if found[0] in _KEPT else "", lines)


def clean_line(text: str) -> str:
    """Return `text` as `clean_text` does, with a blank for line ends and tabs."""
    return text if text.isprintable() else _BLANKS.sub(" ", clean_text(text))


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


def _only_a_line(field: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not is_line(text):
            raise InvalidReportError(f"{field} must be one line, without control characters", field=field)
        return text

    return check


def _parse(raw: object, field: str, longest: int, clean: Callable[[str], str]) -> str | None:
    if not isinstance(raw, str):
        raise InvalidReportError(f"{field} must be text", field=field)
    text = raw.strip()
    if not text.isprintable():
        if not is_storable(text):
            raise InvalidReportError(f"{field} holds characters that cannot be stored", field=field)
        text = clean(text).strip()
    if len(text) > longest:
        raise TooLargeError(f"{field} may have at most {longest} characters", field=field)
    return text or None


def is_storable(text: str) -> bool:
    """Whether `text` has no NUL, which PostgreSQL refuses, and no half of a surrogate pair, which UTF-8 does."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
