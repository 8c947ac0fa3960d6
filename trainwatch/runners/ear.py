"""Hears the log of one attempt as it grows, a slice at a time."""

import time
from pathlib import Path

import humanize

from trainwatch.domain.printed.listener import Heard, Listener
from trainwatch.domain.printed.reported import report_of
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status
from trainwatch.runners.base import Logged, Observation, Observed, Understood
from trainwatch.supervisor.log_reader import LogReader

SLICE_S = 0.05
"""How long is listened at a time, while something is left: others want to run as well."""

QUIET_LISTENS = 10
"""After so many times that nothing had come, what was held back is told."""

FAR_BEHIND = 8 << 20
_GLANCE_EVERY_S = 1.0
_GLANCE = 64 << 10
_LAST_WORDS = 256 << 10
_PIECE = 128 << 10


class Ear:
    """Listens to a log from its beginning. Each method may be called from another thread, but one at a time."""

    def __init__(self, folder: Path, attempt: int) -> None:
        """Hear what that attempt, whose folder it is, prints."""
        self._log = LogReader(folder)
        self._attempt = attempt
        self._listener = Listener()
        self._offset = 0
        self._size = 0
        self._quiet = 0
        self._rules: set[str] = set()
        self._glanced_at = 0.0
        self._known_gaps = {
            gap.start for gap in self._log.gaps()
        }  # heard by the server before, as far as anybody knows
        self._missed = self._told_missed = 0
        self._last_words: str | None = None
        self.has_caught_up = False
        """Whether, the last time, all was heard that was there."""

    @property
    def failure(self) -> str | None:
        """The newest line that may explain a failure."""
        return self._last_words or self._listener.failure

    def listen(self) -> list[Observation]:
        """Return what the next slice of the log says."""
        heard, told = self._hear_a_slice()
        told += self._observed(heard)
        told += self._understood()
        if not self.has_caught_up:
            told += self._glance()
        return told

    def conclude(self) -> list[Observation]:
        """Return what is left to say as the end comes: what nothing has ended, or only how far the job came.

        Where much is not heard yet, the last of it is looked at for what may explain a failure.
        """
        if self.has_caught_up:
            return [*self._observed(self._listener.finish()), *self._understood(), *self._deplore()]
        self._glanced_at = 0.0
        tail = Listener()
        tail.lose()
        tail.hear(self._log.read(max(0, self._log.size() - _LAST_WORDS), _LAST_WORDS).data + b"\n")
        self._last_words = tail.failure
        return [*self._glance(), *self._deplore()]

    def _hear_a_slice(self) -> tuple[list[Heard], list[Observation]]:
        until = time.monotonic() + SLICE_S
        heard: list[Heard] = []
        told: list[Observation] = []
        self._quiet += 1
        while True:
            chunk = self._log.read(self._offset, _PIECE)
            self.has_caught_up = not chunk.data
            if self.has_caught_up:
                break
            if chunk.start > self._offset:
                self._pass_gap(chunk.start)
                told += self._deplore() if not self._told_missed else []
            self._offset, self._quiet = chunk.end, 0
            heard += self._listener.hear(chunk.data)
            if time.monotonic() >= until:
                break
        if self._quiet == QUIET_LISTENS:
            heard += self._listener.flush()
        size = self._log.size() if self._quiet == 0 else self._size
        if size > self._size:
            self._size = size
            told.insert(0, Logged(size))
        return heard, told

    def _observed(self, heard: list[Heard]) -> list[Observation]:
        report = report_of(self._attempt, heard)
        return [] if report is None else [Observed(report)]

    def _understood(self) -> list[Observation]:
        if self._listener.rules == self._rules:
            return []
        self._rules = {*self._listener.rules}
        return [Understood(tuple(sorted(self._rules)))]

    def _glance(self) -> list[Observation]:
        """Return how far the job is by now, where that is sure; its points come when they are heard in their turn."""
        if self._size - self._offset < FAR_BEHIND or time.monotonic() - self._glanced_at < _GLANCE_EVERY_S:
            return []
        self._glanced_at = time.monotonic()
        tail = self._log.read(max(0, self._log.size() - _GLANCE), _GLANCE).data
        return self._observed(self._listener.glance(tail))

    def _pass_gap(self, to: int) -> None:
        """Go on behind what is not kept any more; what its lines said is lost, unless somebody heard it before."""
        if self._offset not in self._known_gaps:
            self._missed += to - self._offset
        self._listener.lose()

    def _deplore(self) -> list[Observation]:
        """Return in words how much was deleted before it was heard, if that is news."""
        ahead = [
            gap for gap in self._log.gaps() if gap.start >= self._offset and gap.start not in self._known_gaps
        ]
        missed = self._missed + sum(gap.end - gap.start for gap in ahead)
        if missed <= self._told_missed:
            return []
        self._told_missed = missed
        words = (
            f"printed faster than it could be read: {humanize.naturalsize(missed)} had to be deleted before"
            " they were read, and values in them are missing"
        )
        return [Observed(Report(attempt=self._attempt, status=Status.RUNNING, message=words))]
