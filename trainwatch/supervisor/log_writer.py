"""The writing side of a log: bytes as they come, in segments, within a limit."""

import contextlib
import os
import time

from trainwatch.supervisor.segments import name_of, starts
from trainwatch.supervisor.spec import LogLimits

_RETRY_AFTER_S = 1.0
_LEAST_COUNTED = 64
"""Each segment counts as a 64th of a full one at least: many gaps, behind each of which one begins, make not too many files."""


class LogWriter:
    """Appends to a log that never grows beyond its limit: its first segment and the newest ones stay.

    A slow disk makes `write` slow, and thereby the job that prints, but loses nothing. What a full or
    broken disk refuses is left out and counted: the job goes on, and so does the log, behind a gap
    that its offsets show, as soon as the disk takes it. A log that is there already is gone on with.
    """

    def __init__(self, directory: str, limits: LogLimits) -> None:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.lost = 0
        self._directory = directory
        self._segment_bytes = limits.segment_bytes
        self._total_bytes = limits.total_bytes
        self._kept = {start: os.path.getsize(self._path_of(start)) for start in starts(directory)}
        self._handle: int | None = None
        self._room = 0
        self._retry_at = 0.0
        self.size = self._take_up(*self._kept.popitem()) if self._kept else 0

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`."""
        rest = memoryview(data)
        while rest:
            written = self._write_some(rest)
            if not written:
                self.lost += len(rest)
                self.size += len(rest)
                return
            self.size += written
            rest = rest[written:]

    def pass_over(self, size: int) -> None:
        """Go on at byte number `size`, if that is further on: those before it are missing."""
        if size > self.size:
            self._close_segment()
            self.size = size

    def leave(self) -> None:
        """Let go of the log, without waiting for the disk; another writer may go on with it."""
        self._close_segment()

    def close(self) -> None:
        """Finish the log: all of it is on the disk when this returns, as far as the disk takes it."""
        self.leave()
        for start in self._kept:
            self._sync(self._path_of(start))

    def _take_up(self, last: int, length: int) -> int:
        """Go on with the last segment, which may be an empty one, and return where the log ends."""
        self._handle = os.open(self._path_of(last), os.O_WRONLY | os.O_APPEND)
        self._room = max(0, self._segment_bytes - length)
        if length:
            self._kept[last] = length
        return last + length

    def _write_some(self, data: memoryview) -> int:
        """Return how many bytes went into the log, 0 if it cannot be written now."""
        if time.monotonic() < self._retry_at:
            return 0
        try:
            if self._handle is None or not self._room:
                self._open_segment()
            assert self._handle is not None
            written = os.write(self._handle, data[: self._room])
        except OSError:
            self._retry_at = time.monotonic() + _RETRY_AFTER_S
            self._close_segment()
            return 0
        if self._room == self._segment_bytes:
            self._keep_segment()
        self._room -= written
        self._kept[next(reversed(self._kept))] = self._segment_bytes - self._room
        return written

    def _open_segment(self) -> None:
        self._close_segment()
        self._handle = os.open(self._path_of(self.size), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._room = self._segment_bytes

    def _keep_segment(self) -> None:
        """Count the segment that has just got its first bytes; what is too old makes room for it only now."""
        least = self._segment_bytes // _LEAST_COUNTED
        taken = sum(max(least, length) for length in self._kept.values()) + self._segment_bytes
        self._kept[self.size] = 0
        for start in list(self._kept)[1:-1]:
            if taken <= self._total_bytes:
                return
            taken -= max(least, self._kept.pop(start))
            self._delete(start)

    def _close_segment(self) -> None:
        if self._handle is None:
            return
        os.close(self._handle)
        self._handle = None
        if self._room == self._segment_bytes:  # nothing went in
            self._delete(self.size)

    def _delete(self, start: int) -> None:
        with contextlib.suppress(OSError):  # then it costs room, or is gone already
            os.unlink(self._path_of(start))

    def _path_of(self, start: int) -> str:
        return os.path.join(self._directory, name_of(start))

    def _sync(self, path: str) -> None:
        try:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError:
            return  # what a failing disk has, it has
