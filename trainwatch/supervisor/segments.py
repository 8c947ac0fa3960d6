"""The files of a log: each is named for the offset of its first byte, so what is missing between two of them shows."""

import os

_DIGITS = 20


def name_of(start: int) -> str:
    """Return the name of the segment whose first byte is the log's byte number `start`."""
    return f"{start:0{_DIGITS}d}"


def starts(directory: str) -> list[int]:
    """Return where each segment begins, in order; none if there is no log yet."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if len(name) == _DIGITS and name.isdigit())
