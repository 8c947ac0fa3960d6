"""How signals reach the supervisor: as something to be read, between two steps of its work."""

import os
import signal
import sys

STOP_REQUEST = signal.SIGUSR1
"""Somebody has left a request in stop.json."""

HOST_STOPS = frozenset({signal.SIGTERM, signal.SIGINT})
"""Sent to the supervisor itself: the machine, its service manager or its owner wants all of this to end."""

_CHILD = frozenset({signal.SIGCHLD} if sys.platform == "linux" else ())
"""Elsewhere each look at the processes is a child's work, so the signal would never end."""

_HEEDED = HOST_STOPS | _CHILD | {STOP_REQUEST}
_IGNORED = frozenset({signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR2})


class Bell:
    """Readable (`handle`) when a signal has come."""

    def __init__(self) -> None:
        self.handle, ringing = os.pipe()
        os.set_blocking(self.handle, False)
        os.set_blocking(ringing, False)
        for number in _HEEDED:
            signal.signal(number, _let_ring)
        for number in _IGNORED:
            signal.signal(number, signal.SIG_IGN)
        signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def rung(self) -> frozenset[int]:
        """Return which signals have come since the last call."""
        try:
            return frozenset(os.read(self.handle, 1 << 16))
        except BlockingIOError:
            return frozenset()


def _let_ring(_number: int, _frame: object) -> None:
    """Do nothing: that it came is written to the wake-up descriptor."""
