"""The reading side of a log, also while it is written: no locks, and it may be deleted from beneath the reader."""

from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple

from trainwatch.supervisor.folder import LOG
from trainwatch.supervisor.segments import name_of, starts


class Chunk(NamedTuple):
    """Consecutive bytes of a log: `data` begins at byte number `start`, what comes next at `end`."""

    start: int
    data: bytes

    @property
    def end(self) -> int:
        """Where to read on."""
        return self.start + len(self.data)


class Gap(NamedTuple):
    """Bytes `start` to `end` (not included) that are not kept any more, or never could be written."""

    start: int
    end: int


class LogReader:
    """Reads the log of one attempt. Offsets count from the first byte that the job ever printed.

    To follow it, call `read` with the last chunk's `end` now and then: it costs some microseconds
    when nothing has come.
    """

    def __init__(self, folder: Path | str) -> None:
        self._directory = Path(folder) / LOG

    def size(self) -> int:
        """Return how much was printed so far, kept or not."""
        found = starts(str(self._directory))
        return self._end_of(found[-1]) if found else 0

    def gaps(self) -> tuple[Gap, ...]:
        """Return what is missing, in order."""
        found = starts(str(self._directory))
        ends = [0, *map(self._end_of, found)]
        return tuple(Gap(end, start) for end, start in zip(ends, found, strict=False) if end < start)

    def read(self, offset: int, limit: int = 1 << 20) -> Chunk:
        """Return at most `limit` bytes from `offset` on; none if nothing has come yet.

        A chunk ends where a gap begins. From within a gap reading goes on behind it, so a chunk that
        starts later than `offset` says how much is missing.
        """
        data = b""
        for start in self._segments_from(offset):
            if start > offset:
                if data:
                    break
                offset = start
            piece = self._read_segment(start, offset - start, limit - len(data))
            data += piece
            offset += len(piece)
            if len(data) >= limit:
                break
        return Chunk(offset - len(data), data)

    def tail(self, lines: int, limit: int = 1 << 20) -> Chunk:
        r"""Return the last `lines` lines, as many of them as `limit` bytes hold, from behind the last gap.

        Only \n ends a line. A last line without one counts, a first one may be cut by the limit.
        """
        size = self.size()
        chunk = self.read(max(0, size - limit), limit)
        while chunk.end < size:
            more = self.read(chunk.end, size - chunk.end)
            if not more.data:
                break
            chunk = Chunk(chunk.start, chunk.data + more.data) if more.start == chunk.end else more
        cut = _start_of_last_lines(chunk.data, lines)
        return Chunk(chunk.start + cut, chunk.data[cut:])

    def _segments_from(self, offset: int) -> list[int]:
        """Return the segment that would hold `offset`, and those after it."""
        found = starts(str(self._directory))
        return found[max(0, bisect_right(found, offset) - 1) :]

    def _end_of(self, start: int) -> int:
        try:
            return start + (self._directory / name_of(start)).stat().st_size
        except FileNotFoundError:  # just deleted
            return start

    def _read_segment(self, start: int, skip: int, limit: int) -> bytes:
        try:
            with (self._directory / name_of(start)).open("rb", buffering=0) as file:
                file.seek(skip)
                return file.read(limit) or b""
        except FileNotFoundError:  # just deleted
            return b""


def _start_of_last_lines(data: bytes, lines: int) -> int:
    position = len(data) - 1 if data.endswith(b"\n") else len(data)
    for _ in range(lines):
        position = data.rfind(b"\n", 0, position)
        if position < 0:
            return 0
    return position + 1
