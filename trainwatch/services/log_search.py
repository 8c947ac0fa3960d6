"""Finding a text in a log, the newest lines first, however long it is: a piece at a time."""

import re
import time
from typing import NamedTuple

from trainwatch.domain.terminal import Screen
from trainwatch.domain.terminal_line import Line
from trainwatch.services.log_index import LogIndex

MOST_FOUND = 1_000
_EXCERPT = 160
_COLOURS = re.compile("\x1b\\[[0-9;:]*m")


class Match(NamedTuple):
    """A line that holds the text, and the part of it around its first place."""

    line: int
    excerpt: str


class Found(NamedTuple):
    """Matches from the end of the log backwards; `before` is the line to go on before, None if all of it is searched."""

    matches: list[Match]
    before: int | None


def search(index: LogIndex, text: str, *, before: int | None, deadline: float) -> Found:
    """Look for `text`, whatever its capitals, in the lines before `before`, until `deadline` of the monotonic clock.

    At least one block is searched each time.
    """
    wanted = text.lower()
    matches: list[Match] = []
    which = len(index.blocks) - 1 if before is None else index.owner_of(max(0, before - 1))
    blocks = index.blocks[: which + 1]
    for at in range(which, -1, -1):
        if _may_hold(index, at, wanted):
            for line in reversed(index.lines_of(at)):
                if (before is None or line.number < before) and (
                    place := line.text.lower().find(wanted)
                ) >= 0:
                    matches.append(Match(line.number, _excerpt(line, place, len(wanted))))
                    if len(matches) == MOST_FOUND:
                        return Found(matches, line.number or None)
        if at and time.monotonic() >= deadline:
            return Found(matches, blocks[at].first or None)
    return Found(matches, None)


def _may_hold(index: LogIndex, which: int, wanted: str) -> bool:
    """Say whether it is worth to interpret a block: what it prints is searched much faster than what it shows."""
    block = index.blocks[which]
    after = index.blocks[which + 1] if which + 1 < len(index.blocks) else None
    if after is not None and block.first >= after.first:
        return False
    if isinstance(block.seed, Screen):
        return True
    until = None if after is None else after.start
    printed = index.bytes_between(block.seed, until).decode("utf-8", "replace").lower()
    if "\x1b" in printed:
        printed = _COLOURS.sub("", printed)
    return wanted in printed


def _excerpt(line: Line, place: int, length: int) -> str:
    start = max(0, place - (_EXCERPT - length) // 2)
    return line.text[start : start + _EXCERPT]
