"""The logs of attempts, for whoever looks: the last lines, what came since, what is further up, and what holds a text.

All of it happens on two threads, one that reads and one that searches, and each answer is bounded: in lines and
bytes, and in the time that it may take. So neither a long log nor a loud one holds anybody else up.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from trainwatch.errors import UnavailableError
from trainwatch.services.log_index import BLOCK, LogIndex
from trainwatch.services.log_search import search
from trainwatch.services.log_views import Sheet, missing_view
from trainwatch.services.views import View
from trainwatch.supervisor.log_reader import LogReader

FAR_BEHIND = 4 * BLOCK
"""Who lacks more bytes than this is shown the last lines instead."""
MOST_LINES = 2_000
LINES_SHOWN = 500

_MOST_INDEXED = 64 << 20
"""Bytes of memory for what is known of logs; the ones that nobody has looked at for longest are forgotten."""
_EXTENDING_S = 1.0
_SEARCHING_S = 1.0
_MOST_WAITING = 32
_PIECE = 1 << 18

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which lines somebody wants to see; at most one of the first three is given, none for the last lines.

    `after` is a position in bytes: what came since. `start` is the first line, `end` the one after the last.
    """

    after: int | None = None
    start: int | None = None
    end: int | None = None
    most: int = LINES_SHOWN


class Logs:
    """Reads the logs in the folders of attempts."""

    def __init__(self) -> None:
        """Know no log yet."""
        self._indexes: OrderedDict[Path, LogIndex] = OrderedDict()
        self._reading = _Desk("log reader")
        self._searching = _Desk("log search")

    async def look(self, folder: Path, wanted: Look) -> View:
        """Return the lines that are `wanted` of the log in an attempt's folder; one that is not there has none.

        Raises:
            UnavailableError: If there is too much to do, or the log is so long that it is not known yet.
        """
        return await self._reading.do(self._look, folder, wanted)

    async def search(self, folder: Path, text: str, *, before: int | None) -> View:
        """Return which lines hold `text`, the newest first, and where to go on if that is not all.

        Raises:
            UnavailableError: As for `look`.
        """
        index = await self._reading.do(lambda: self._index(folder).snapshot())
        found = await self._searching.do(
            lambda: search(index, text, before=before, deadline=time.monotonic() + _SEARCHING_S)
        )
        return {
            "numbering": index.numbering,
            "matches": [{"n": match.line, "excerpt": match.excerpt} for match in found.matches],
            "before": found.before,
        }

    def _index(self, folder: Path) -> LogIndex:
        index = self._indexes.pop(folder, None) or LogIndex(LogReader(folder))
        self._indexes[folder] = index
        is_whole = index.extend(deadline=time.monotonic() + _EXTENDING_S)
        weight = sum(each.weight for each in self._indexes.values())
        while weight > _MOST_INDEXED and len(self._indexes) > 1:
            weight -= self._indexes.popitem(last=False)[1].weight
        if not is_whole:
            raise UnavailableError("the log is long and has not been read to its end yet")
        return index

    def _look(self, folder: Path, wanted: Look) -> View:
        index = self._index(folder)
        if wanted.start is not None:
            return _answer(index, _from(index, wanted.start, wanted.most))
        if wanted.end is not None:
            return _answer(index, _until(index, wanted.end, wanted.most))
        return _newest(index, wanted)


def raw_log(folder: Path) -> Generator[bytes]:
    """Yield the bytes of a log as they were printed up to now, with a line in brackets for what is not kept."""
    reader = LogReader(folder)
    offset, end = 0, reader.size()
    while offset < end and (chunk := reader.read(offset, min(_PIECE, end - offset))).data:
        if chunk.start > offset:
            yield f"\n[{chunk.start - offset:,} bytes of the log are not kept]\n".encode()
        yield chunk.data
        offset = chunk.end


def _newest(index: LogIndex, wanted: Look) -> View:
    """Return what came after a position, or the last lines if that is too much or no position is known."""
    size, after = index.reader.size(), wanted.after
    is_near = after is not None and after <= size <= after + FAR_BEHIND
    if after is not None and is_near and not any(gap.end > after for gap in index.reader.gaps()):
        told = index.told_since(after)
        sheet = Sheet(wanted.most)
        if sheet.add(told.lines):
            return _answer(index, sheet, position=(told.end, told.total))
    stale_from = None if after is None or after > size else index.stale_from(after)
    last, sheet = index.last_block(), Sheet(wanted.most)
    if sheet.add(reversed(last.lines)):
        _fill_backwards(index, sheet, len(index.blocks) - 2)
    return _answer(index, sheet.turned(), position=(last.end, last.total), stale_from=stale_from)


def _until(index: LogIndex, end: int, most: int) -> Sheet:
    """Return the last lines before the line `end`, as many as fit."""
    sheet, which = Sheet(most), index.owner_of(end - 1)
    if sheet.add(line for line in reversed(index.lines_of(which)) if line.number < end):
        _fill_backwards(index, sheet, which - 1)
    return sheet.turned()


def _fill_backwards(index: LogIndex, sheet: Sheet, which: int) -> None:
    while which >= 0 and sheet.add(reversed(index.lines_of(which))):
        which -= 1


def _from(index: LogIndex, start: int, most: int) -> Sheet:
    """Return the first lines from the line `start` on, as many as fit."""
    sheet = Sheet(most)
    for which in range(index.owner_of(start), len(index.blocks)):
        if not sheet.add(line for line in index.lines_of(which) if line.number >= start):
            break
    return sheet


def _answer(
    index: LogIndex, sheet: Sheet, *, position: tuple[int, int] | None = None, stale_from: int | None = None
) -> View:
    after, total = position or (None, None)
    return {
        "numbering": index.numbering,
        "next": after,
        "total": total,
        "staleFrom": stale_from,
        "lines": sheet.lines,
        "missing": [missing_view(each) for each in index.missing()],
    }


class _Desk:
    """One thread, and at most so many who wait for it."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting = 0

    async def do(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._waiting >= _MOST_WAITING:
            raise UnavailableError("too many are reading logs now")
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._pool.submit(work, *args, **kwargs))
        finally:
            self._waiting -= 1
