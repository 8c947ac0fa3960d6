"""The clock of a server: the time of day, but one that never jumps by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

JUMP = timedelta(seconds=1)
"""A time of day that is further than this from what has passed was set; less is followed as it comes."""


class ServerClock:
    """The time of day as it stood at first and was settled since, and what has passed. For any thread.

    Where somebody sets the machine's clock, this one goes on as if nothing had happened, until `settle` is called by
    who has moved the times that durations are counted from. It never goes back but by `settle`.
    """

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        """Go by `wall`, and by `steady`, whose seconds pass evenly, also while the machine sleeps."""
        self._wall = wall
        self._steady = steady
        self._lock = Lock()
        self._last, self._at = wall(), steady()
        self._began = self._last, self._at

    def __call__(self) -> datetime:
        """Return the time."""
        return self._read()[0]

    def unset(self) -> datetime:
        """Return the time as if nobody had set the machine's clock since the beginning; for deadlines in memory."""
        wall, steady = self._began
        return wall + timedelta(seconds=self._steady() - steady)

    @property
    def jump(self) -> timedelta:
        """How far the machine's clock was set, and that is not settled yet; negative if back."""
        return self._read()[1]

    def settle(self, jump: timedelta) -> None:
        """Go on at the time of day as it is since it was set by `jump`."""
        with self._lock:
            self._last += jump

    def _read(self) -> tuple[datetime, timedelta]:
        with self._lock:
            wall, steady = self._wall(), self._steady()
            expected = self._last + timedelta(seconds=steady - self._at)
            off = wall - expected
            if abs(off) > JUMP:
                return expected, off
            self._last, self._at = max(wall, self._last), steady
            return self._last, timedelta()
