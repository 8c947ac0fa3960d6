"""What goes wrong in the supervisor itself: a line in supervisor.log, if even that can be written."""

import contextlib
import os

_STDERR = 2


def note_mishap(words: str) -> None:
    """Write a line for whoever looks into what went wrong; never raises."""
    with contextlib.suppress(OSError):
        os.write(_STDERR, f"{words}\n".encode())
