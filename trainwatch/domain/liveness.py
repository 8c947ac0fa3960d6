"""Whether a running task is still alive, as far as its reports tell."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from trainwatch.domain.status import Status

_KEPT = 0.8
_GAP_FORGOTTEN_AFTER = 50
_GAP_AT_MOST_S = 1800.0

_SILENT_AT_LEAST_S = 20.0
_SILENT_IF_UNKNOWN_S = 120.0
_LOST_AT_LEAST_S = 600.0


class Rhythm(NamedTuple):
    """How often reports come: a moving average of the intervals, and the longest recent one.

    The average is the weighted sum `time_s` over `weight`, so it is unbiased from the first interval
    on. `gap_s` is the longest interval, forgotten little by little over fifty times its own length: it
    lets a task that reports in bursts pause between them without being called silent.
    """

    time_s: float = 0.0
    weight: float = 0.0
    gap_s: float = 0.0

    def heard(self, interval_s: float) -> "Rhythm":
        """Return the rhythm after a report that came `interval_s` after the one before.

        Reports of one batch come at one instant and count once. An interval in which the task was lost counts as one
        at whose end it just was: a night's sleep, or a clock that was set, must not keep a task live for weeks.
        """
        if interval_s <= 0:
            return self
        if self.weight:
            interval_s = min(interval_s, self.lost_seconds)
        gap_s = self.gap_s - interval_s / _GAP_FORGOTTEN_AFTER
        if gap_s < interval_s:
            gap_s = min(interval_s, _GAP_AT_MOST_S)
        return Rhythm(self.time_s * _KEPT + interval_s, self.weight * _KEPT + 1, gap_s)

    @property
    def expected_seconds(self) -> float | None:
        """The usual time between two reports; None until there were two."""
        return self.time_s / self.weight if self.weight else None

    @property
    def silent_seconds(self) -> float:
        """How long no report may come before the task is silent."""
        expected = self.expected_seconds
        if expected is None:
            return _SILENT_IF_UNKNOWN_S
        return max(_SILENT_AT_LEAST_S, 5 * expected, 1.5 * self.gap_s)

    @property
    def lost_seconds(self) -> float:
        """How long no report may come before the task is lost; at least twice `silent_seconds`."""
        return max(_LOST_AT_LEAST_S, 20 * (self.expected_seconds or 0), 2 * self.silent_seconds)

    def to_json(self) -> str | None:
        """Return a short text that `from_json` understands; None if nothing was heard."""
        if not self.weight:
            return None
        return f"[{self.time_s:.4f},{self.weight:.4f},{self.gap_s:.4f}]"

    @classmethod
    def from_json(cls, text: str | None) -> "Rhythm":
        """Return the rhythm that `to_json` wrote; a fresh one for None."""
        return cls() if text is None else cls(*json.loads(text))


class Liveness(StrEnum):
    """What the reports, or their absence, say of a task; NONE for one that does not run."""

    LIVE = "live"
    SILENT = "silent"
    LOST = "lost"
    NONE = "none"


class Reported(Protocol):
    """What has a liveness: a task."""

    @property
    def training_status(self) -> Status:
        """The state it is in."""
        ...

    @property
    def last_updated(self) -> datetime:
        """When the last report came."""
        ...

    @property
    def rhythm(self) -> Rhythm:
        """How often reports come."""
        ...


def silent_after(last_updated: datetime, rhythm: Rhythm) -> datetime:
    """Return the moment from which a running task without a further report is silent."""
    return last_updated + timedelta(seconds=rhythm.silent_seconds)


def lost_after(last_updated: datetime, rhythm: Rhythm) -> datetime:
    """Return the moment from which a running task without a further report is lost."""
    return last_updated + timedelta(seconds=rhythm.lost_seconds)


def lost_deadline(task: Reported) -> datetime | None:
    """Return the moment from which `task` is lost unless a report comes; None if it does not run."""
    if task.training_status is not Status.RUNNING:
        return None
    return lost_after(task.last_updated, task.rhythm)


def liveness(task: Reported, *, now: datetime) -> Liveness:
    """Return whether `task` is live, silent or lost at `now`; only a running one is any of these."""
    if task.training_status is not Status.RUNNING:
        return Liveness.NONE
    silence_s = (now - task.last_updated).total_seconds()
    if silence_s <= task.rhythm.silent_seconds:
        return Liveness.LIVE
    return Liveness.LOST if silence_s > task.rhythm.lost_seconds else Liveness.SILENT
