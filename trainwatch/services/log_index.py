"""Where the lines of a log are, so that any of them is shown without reading all that comes before it.

The log is cut into blocks. Of each is known which line its first byte is on, and how to come by the screen as it
is there. Lines of plain text are counted, which costs next to nothing; only where a program moves the cursor from
line to line (bars below each other) everything that it printed has to be interpreted once.
"""

import re
import time
from bisect import bisect_right
from collections import deque
from typing import NamedTuple

from trainwatch.domain.terminal import LINES_IN_REACH, Screen
from trainwatch.domain.terminal_line import Line
from trainwatch.supervisor.log_reader import Gap, LogReader

BLOCK = 1 << 15
_WIDE_BLOCK = 8 * BLOCK
"""A block that begins with a screen: those are larger than a number to keep."""
_READ_AT_ONCE = 1 << 20
_MOST_REPLAYED = 8 * BLOCK
"""How far back of a block its first line in reach may begin."""
_MOVES = re.compile(rb"\x1b\[[0-9;:<=>?]*[ -/]*[ABEFHJf]")
_LONGEST_SEQUENCE = 32


class Block(NamedTuple):
    """Bytes from `start` up to the next block's.

    `line` is the line that the first of them is on, `first` the first one that they can still change: those from
    there up to the next block's `first` are this block's own. `seed` is where in the log the line `first` begins,
    or the screen as it is at `start`.
    """

    start: int
    line: int
    first: int
    seed: int | Screen


class Missing(NamedTuple):
    """Lines `first` to `end` (not included), some of which may never have been counted: `size` bytes are not kept."""

    first: int
    end: int
    size: int


class Told(NamedTuple):
    """What came after a position: `lines` in order, and where to go on.

    `total` counts the lines so far. With `stale_from` lines were skipped: those from there up to the first of
    `lines` are not what they were, or not known to the reader at all.
    """

    lines: list[Line]
    end: int
    total: int
    stale_from: int | None = None


class LogIndex:
    """The lines of one log, which may still grow. Belongs to one thread; others get a `snapshot`."""

    def __init__(self, reader: LogReader) -> None:
        """Know nothing yet of what `reader` reads."""
        self.reader = reader
        self.blocks: tuple[Block, ...] = (Block(0, 0, 0, 0),)
        gaps = reader.gaps()
        self.numbering = f"{gaps[0].start}-{gaps[0].end}" if gaps else "whole"
        self._row_starts = deque([0], maxlen=LINES_IN_REACH + 1)
        self._before = b""
        self._has_moved = False
        self._latest: tuple[int, Screen, int] | None = None

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(200 if isinstance(block.seed, int) else 30_000 for block in self.blocks)

    def snapshot(self) -> "LogIndex":
        """Return another one that knows the same, for another thread."""
        other = LogIndex(self.reader)
        other.blocks, other.numbering = self.blocks, self.numbering
        return other

    # Growing

    def extend(self, *, deadline: float) -> bool:
        """Take in the whole blocks that were printed since; return False if `deadline`, of the monotonic clock, came first."""
        fresh: list[Block] = [self.blocks[-1]]
        try:
            while time.monotonic() < deadline:
                if not self._take_some(fresh):
                    return True
            return False
        finally:
            if len(fresh) > 1:
                self.blocks = (*self._kept(), *fresh[1:])

    def _take_some(self, fresh: list[Block]) -> bool:
        chunk = self.reader.read(fresh[-1].start, _READ_AT_ONCE)
        if not chunk.data:
            return False
        if chunk.start > fresh[-1].start:
            self._pass_gap(fresh, chunk.start)
            return True
        at = 0
        while (wide := at + _size_after(fresh[-1])) <= len(chunk.data):
            self._add(fresh, chunk.data[at:wide])
            at = wide
        if at:
            return True
        behind = self.reader.read(chunk.end, 1)
        if not behind.data or behind.start == chunk.end:
            return False
        self._add(fresh, chunk.data)  # a gap follows
        return True

    def _pass_gap(self, fresh: list[Block], to: int) -> None:
        """Go on behind what is missing, which counts as one line after that which it cuts off."""
        line = fresh[-1].line + (2 if fresh[-1].start else 1)
        fresh.append(Block(to, line, line, to))
        self._row_starts.clear()
        self._row_starts.append(to)
        self._before = b""

    def _add(self, fresh: list[Block], data: bytes) -> None:
        last = fresh[-1]
        end = last.start + len(data)
        moves = _MOVES.search(self._before + data) is not None
        self._has_moved |= moves
        self._before = data[-_LONGEST_SEQUENCE:]
        if isinstance(last.seed, int) and not moves:
            self._note_rows(data, last.start)
            if self._row_starts:
                line = last.line + data.count(b"\n")
                fresh.append(Block(end, line, line - len(self._row_starts) + 1, self._row_starts[0]))
                return
        screen, _ = self.open(last)
        screen.feed(data)
        seed = screen.copied()
        fresh.append(Block(end, screen.last_number, seed.first_number, seed))
        if not moves and screen.is_at_last_line and data.count(b"\n") > LINES_IN_REACH:
            self._note_rows(data, last.start)
            if len(self._row_starts) > LINES_IN_REACH:
                fresh[-1] = fresh[-1]._replace(seed=self._row_starts[0])

    def _note_rows(self, data: bytes, start: int) -> None:
        """Note where the last lines begin, as far as they are near enough to begin there again."""
        found: list[int] = []
        at = len(data)
        while len(found) <= LINES_IN_REACH and (at := data.rfind(b"\n", 0, at)) >= 0:
            found.append(start + at + 1)
        self._row_starts.extend(reversed(found))
        while self._row_starts and self._row_starts[0] < start + len(data) - _MOST_REPLAYED:
            self._row_starts.popleft()
        if not self._row_starts and not self._has_moved and (drawn := data.find(b"\r")) >= 0:
            self._row_starts.append(
                start + drawn + 1
            )  # a bar is drawn over and over: what it was long ago is gone

    def _kept(self) -> tuple[Block, ...]:
        """Return the blocks but for those of which nothing is kept any more."""
        gaps = self.reader.gaps()
        return tuple(
            block for block in self.blocks if not any(gap.start < block.start < gap.end for gap in gaps)
        )

    # Reading

    def missing(self) -> list[Missing]:
        """Return what is not kept, as lines."""
        return [
            Missing(self._line_at(gap.start) + (1 if gap.start else 0), self._line_at(gap.end), _length(gap))
            for gap in self.reader.gaps()
            if gap.end <= self.blocks[-1].start
        ]

    def _line_at(self, offset: int) -> int:
        return self.blocks[bisect_right(self.blocks, offset, key=lambda block: block.start) - 1].line

    def open(self, block: Block) -> tuple[Screen, dict[int, Line]]:
        """Return the screen as it is where `block` begins, and the lines on it that can still change."""
        if isinstance(block.seed, Screen):
            screen, data = block.seed.copied(), b""
        else:
            screen = Screen(block.first)
            data = self._bytes(block.seed, block.start)
            if len(data) < block.start - block.seed:  # it is not kept any more
                screen, data = Screen(block.line), b""
        return screen, {line.number: line for line in screen.feed(data)}

    def lines_of(self, which: int) -> list[Line]:
        """Return the own lines of the block of that index, as the log leaves them."""
        if which + 1 == len(self.blocks):
            return self.last_block().lines
        block, after = self.blocks[which], self.blocks[which + 1]
        if block.first >= after.first:
            return []
        screen, lines = self.open(block)
        lines |= {line.number: line for line in screen.feed(self._bytes(block.start, after.start))}
        return [lines[number] for number in sorted(lines) if block.first <= number < after.first]

    def owner_of(self, number: int) -> int:
        """Return the index of the block that a line is one of the own lines of."""
        return max(0, bisect_right(self.blocks, number, key=lambda block: block.first) - 1)

    def told_since(self, offset: int) -> Told:
        """Return what became of the log since it was `offset` bytes long, which is not long ago."""
        latest, self._latest = self._latest, None
        if latest is not None and latest[0] == offset:
            _, screen, total = latest
        else:
            screen, total = self._screen_at(offset)
        data = self._tail(offset)
        lines = screen.feed(data)
        total = max(total, lines[-1].number + 1 if lines else 0)
        self._latest = (offset + len(data), screen, total)
        return Told(lines, offset + len(data), total)

    def last_block(self) -> Told:
        """Return the own lines of the last block."""
        block = self.blocks[-1]
        data = self._tail(block.start)
        screen, lines = self.open(block)
        lines |= {line.number: line for line in screen.feed(data)}
        end, total = block.start + len(data), max(lines, default=block.line - 1) + 1
        self._latest = (end, screen, total)
        return Told([lines[number] for number in sorted(lines) if number >= block.first], end, total)

    def _screen_at(self, offset: int) -> tuple[Screen, int]:
        """Return the screen as it is at `offset`, and how many lines there are on it and before."""
        which = bisect_right(self.blocks, offset, key=lambda block: block.start) - 1
        block = self.blocks[max(0, which)]
        screen, lines = self.open(block)
        lines |= {line.number: line for line in screen.feed(self._bytes(block.start, offset))}
        return screen, max(lines, default=block.line - 1) + 1

    def stale_from(self, offset: int) -> int:
        """Return the first line that what comes after `offset` can change."""
        which = bisect_right(self.blocks, offset, key=lambda block: block.start) - 1
        return self.blocks[max(0, which)].first

    def bytes_between(self, start: int, end: int | None) -> bytes:
        """Return what was printed there, as far as it is kept; without `end` up to the log's."""
        return self._tail(start) if end is None else self._bytes(start, end)

    def _tail(self, offset: int) -> bytes:
        """Return what comes after `offset`, as far as it belongs to the last block."""
        chunk = self.reader.read(offset, 2 * _WIDE_BLOCK)
        return chunk.data if chunk.start == offset else b""

    def _bytes(self, start: int, end: int) -> bytes:
        """Return bytes of the log, fewer if they are not kept any more."""
        if start >= end:
            return b""
        chunk = self.reader.read(start, end - start)
        return chunk.data if chunk.start == start else b""


def _size_after(block: Block) -> int:
    return BLOCK if isinstance(block.seed, int) else _WIDE_BLOCK


def _length(gap: Gap) -> int:
    return gap.end - gap.start
