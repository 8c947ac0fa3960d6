"""What waits to be reported, in little room."""

from array import array
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

MOST_POINTS = 200_000
"""How many points wait at most: about three megabytes."""

MOST_ENTRIES = 1_000
_POINTS_OF_AN_ENTRY = 10_000  # some 400 KB as JSON; a body may have 1 MiB
_NAMES_OF_AN_ENTRY = 200  # a report may have 256
_JOINED_FOR_S = 1.0


@dataclass(slots=True)
class Curve:
    """Points of one series, in the order in which they came."""

    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Entry:
    """What one report will say. A word (a state, a message) stands alone; measurements are joined.

    No other of the spool has its `number`.
    """

    at: float
    facts: dict[str, object]
    is_word: bool
    number: int
    epoch: int | None = None
    curves: dict[str, Curve] = field(default_factory=dict[str, Curve])

    @property
    def points(self) -> int:
        """How many points it has."""
        return sum(len(curve.steps) for curve in self.curves.values())

    def fields(self) -> dict[str, object]:
        """Return it as the hook takes it."""
        if not self.curves:
            return self.facts
        series = {
            name: {"steps": curve.steps.tolist(), "values": curve.values.tolist()}
            for name, curve in self.curves.items()
        }
        return {**self.facts, "series": series}


class Spool:
    """Words and measurements, oldest first. Words are all kept; of too many points every other one goes.

    Moments are seconds since 1970.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._entries: deque[Entry] = deque()
        self._open: Entry | None = None
        self._points = 0
        self._numbers = count(1)
        self.left_out = 0
        """How many points had to go."""

    def __len__(self) -> int:
        """Return how many reports wait."""
        return len(self._entries)

    def say(self, facts: Mapping[str, object], *, at: float) -> None:
        """Add a word: it is reported by itself, in its turn."""
        self._open = None
        self._entries.append(Entry(at, dict(facts), is_word=True, number=next(self._numbers)))

    def measure(
        self, facts: Mapping[str, object], metrics: Mapping[str, float], *, step: int, at: float
    ) -> None:
        """Add how far the task is, and values at a step; they may be joined with those before."""
        entry = self._entry_for(facts, at)
        entry.facts.update(facts)
        for name, value in metrics.items():
            curve = entry.curves.get(name) or entry.curves.setdefault(name, Curve())
            curve.steps.append(step)
            curve.values.append(value)
        self._points += len(metrics)
        if self._points > MOST_POINTS:
            self._thin()

    def entries(self) -> list[Entry]:
        """Return all that waits, the oldest first."""
        return list(self._entries)

    def oldest(self) -> Entry | None:
        """Return the oldest entry, to which something may still be joined."""
        return self._entries[0] if self._entries else None

    def take(self) -> Entry | None:
        """Return the oldest entry, which stays until it is dropped; from now on nothing is joined to it."""
        if self._entries and self._entries[0] is self._open:
            self._open = None
        return self.oldest()

    def drop(self, entry: Entry) -> None:
        """Take away an entry that has been delivered, if it is still there."""
        if self._entries and self._entries[0] is entry:
            self._points -= entry.points
            self._entries.popleft()

    def _entry_for(self, facts: Mapping[str, object], at: float) -> Entry:
        epoch = facts.get("currentEpoch")
        last = self._open
        if (
            last is not None
            and last.epoch == epoch
            and at - last.at < _JOINED_FOR_S
            and len(last.curves) < _NAMES_OF_AN_ENTRY
            and last.points < _POINTS_OF_AN_ENTRY
        ):
            return last
        if len(self._entries) >= MOST_ENTRIES:
            self._join()
        entry = Entry(
            at, {}, is_word=False, number=next(self._numbers), epoch=epoch if isinstance(epoch, int) else None
        )
        self._entries.append(entry)
        self._open = entry
        return entry

    def _join(self) -> None:
        """Make one of each two neighbours that are no words; the first entry may be on its way, and stays."""
        joined: deque[Entry] = deque([self._entries.popleft()])
        before: Entry | None = None
        for entry in self._entries:
            if before is None or entry.is_word or not _fits(before, entry):
                joined.append(entry)
                before = None if entry.is_word else entry
                continue
            _append(before, entry)
            before = None
        self._entries = joined
        self._open = None

    def _thin(self) -> None:
        """Leave out every other point of each curve, its last one excepted."""
        for entry in list(self._entries)[1:]:
            for curve in entry.curves.values():
                first = (len(curve.steps) - 1) % 2
                self.left_out += len(curve.steps)
                curve.steps, curve.values = curve.steps[first::2], curve.values[first::2]
                self.left_out -= len(curve.steps)
        self._points = sum(entry.points for entry in self._entries)


def _fits(entry: Entry, other: Entry) -> bool:
    return (
        entry.points + other.points <= _POINTS_OF_AN_ENTRY
        and len(entry.curves.keys() | other.curves.keys()) <= _NAMES_OF_AN_ENTRY
    )


def _append(entry: Entry, other: Entry) -> None:
    entry.facts.update(other.facts)
    entry.epoch, entry.at = other.epoch, other.at
    for name, curve in other.curves.items():
        mine = entry.curves.setdefault(name, Curve())
        mine.steps.extend(curve.steps)
        mine.values.extend(curve.values)
