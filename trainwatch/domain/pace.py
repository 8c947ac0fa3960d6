"""How fast a task gets on, and so how long it will still take."""

import json
import math
from typing import NamedTuple

_WINDOW_S = 60.0
_KEPT_AT_LEAST = 0.7
_LONG_S = -_WINDOW_S * math.log(_KEPT_AT_LEAST)
_GAP_AT_LEAST_S = 60.0
_GAP_TIMES_TYPICAL = 10.0
_TELLING_FRACTION = 0.01


class Pace(NamedTuple):
    """An exponential moving average of speed, as a weighted sum of ways over a weighted sum of times.

    Both sums start at nothing and are weighted alike, so their quotient is unbiased from the first
    interval on. An interval reaches from one move of the progress to the next; `weight` of them are in
    the sums. The newest move was at `moved_s`, the newest observation at `heard_s`: they differ while
    the progress stands still. `is_warm` is false while the only interval is the first one, which holds
    the warm-up and is dropped when the second comes; `skipped` is true right after a long gap.
    """

    fraction: float | None = None
    moved_s: float = 0.0
    heard_s: float = 0.0
    way: float = 0.0
    time_s: float = 0.0
    weight: float = 0.0
    is_warm: bool = False
    skipped: bool = False

    def observe(self, fraction: float, at_s: float) -> "Pace":
        """Return the pace after the progress was seen to be `fraction` at `at_s`, in seconds of any clock."""
        before = self.fraction
        if before is None:
            return self._replace(fraction=fraction, moved_s=at_s, heard_s=at_s)
        if at_s - self.heard_s > _GAP_AT_LEAST_S and self._is_gap(at_s):
            # asleep or cut off: how long the way took is unknown. Twice running it is the new speed
            return self._replace(fraction=max(fraction, before), moved_s=at_s, heard_s=at_s, skipped=True)
        if fraction <= before or at_s <= self.moved_s:
            return self._replace(heard_s=max(at_s, self.heard_s))
        return self._moved(fraction, fraction - before, at_s)

    def rested(self, at_s: float) -> "Pace":
        """Return the pace after a rest, such as a pause, that lasted until `at_s` and tells nothing."""
        return self if self.fraction is None else self._replace(moved_s=at_s, heard_s=at_s)

    def eta_seconds(self, fraction: float) -> float | None:
        """Return the seconds left from the newest observation on, never negative; None if unknown."""
        if fraction >= 1:
            return 0.0
        if self.way <= 0 or (not self.is_warm and self.way < _TELLING_FRACTION):
            return None
        typical = self.time_s / self.weight
        standing = self.heard_s - self.moved_s
        overdue = standing - typical
        if overdue <= 0:
            eta = (1 - fraction) * self.time_s / self.way - standing
        else:  # a stall lowers the speed before it has ended
            eta = (1 - fraction) * (self.time_s + overdue) / self.way - typical
        if eta <= 0:
            return 0.0
        return eta if eta < math.inf else None

    def to_json(self) -> str | None:
        """Return a short text that `from_json` understands; None if nothing was observed."""
        if self.fraction is None:
            return None
        return (
            f"[{self.fraction!r},{self.moved_s:.3f},{self.heard_s:.3f},{self.way!r},{self.time_s:.6f},"
            f"{self.weight:.6f},{self.is_warm:d},{self.skipped:d}]"
        )

    @classmethod
    def from_json(cls, text: str | None) -> "Pace":
        """Return the pace that `to_json` wrote; a fresh one for None."""
        if text is None:
            return cls()
        fraction, moved_s, heard_s, way, time_s, weight, is_warm, skipped = json.loads(text)
        return cls(fraction, moved_s, heard_s, way, time_s, weight, bool(is_warm), bool(skipped))

    def _is_gap(self, at_s: float) -> bool:
        if self.weight == 0 or self.skipped:
            return False
        return at_s - self.heard_s > _GAP_TIMES_TYPICAL * self.time_s / self.weight

    def _moved(self, fraction: float, way: float, at_s: float) -> "Pace":
        time_s = at_s - self.moved_s
        weight = 1.0
        if self.is_warm:
            kept = math.exp(-time_s / _WINDOW_S) if time_s < _LONG_S else _KEPT_AT_LEAST
            way, time_s, weight = self.way * kept + way, self.time_s * kept + time_s, self.weight * kept + 1
        return Pace(fraction, at_s, at_s, way, time_s, weight, self.weight > 0)
