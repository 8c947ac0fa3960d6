"""Where the command prints, in place of our own standard output and error."""

import contextlib
import fcntl
import os
import sys
import termios
from typing import NamedTuple

_PIPE_BYTES = 256 << 10
_ROOM_FOR_A_SIZE = bytes(8)


class Outlet(NamedTuple):
    """What the command prints on `handles` comes out of `source`, and belongs on `target`.

    `writing` is the command's end. A terminal has the size of the one at `target`.
    """

    handles: tuple[int, ...]
    source: int
    writing: int
    target: int
    is_terminal: bool

    def give_away(self) -> None:
        """Close our copy of the command's end, after the command has got it."""
        os.close(self.writing)

    def fit(self) -> None:
        """Make the terminal as large as that at `target` is now."""
        if self.is_terminal:
            _copy_size(self.target, self.source)


def open_outlets() -> list[Outlet]:
    """Return an outlet for standard output and one for error; one for both where they lead to the same place.

    What both print to one place stays in order.
    """
    for handle in (0, 1, 2):
        _ensure_open(handle)
    if _place(1) == _place(2):
        return [_open((1, 2))]
    return [_open((1,)), _open((2,))]


def _ensure_open(handle: int) -> None:
    """Open a standard handle that whoever started us has closed: else a pipe of ours would take its number."""
    try:
        os.fstat(handle)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - it takes no keyword


def _place(handle: int) -> tuple[int, int]:
    there = os.fstat(handle)
    return there.st_dev, there.st_ino


def _open(handles: tuple[int, ...]) -> Outlet:
    target = handles[0]
    if os.isatty(target):
        with contextlib.suppress(OSError, termios.error):  # no pseudo-terminals left: a pipe will do
            return Outlet(handles, *_open_terminal(target), target, is_terminal=True)
    return Outlet(handles, *_open_pipe(), target, is_terminal=False)


def _open_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # more than the administrator allows: the usual size will do
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return reading, writing


def _open_terminal(target: int) -> tuple[int, int]:
    """Return both ends of a terminal like the one at `target`, which hands on what is printed byte for byte.

    What there is to do with a new line does the terminal at `target`, as it would have without us.
    """
    reading, writing = os.openpty()
    attributes = termios.tcgetattr(target)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(writing, termios.TCSANOW, attributes)
    _copy_size(target, reading)
    return reading, writing


def _copy_size(source: int, target: int) -> None:
    with contextlib.suppress(OSError):  # it may have been hung up
        fcntl.ioctl(target, termios.TIOCSWINSZ, fcntl.ioctl(source, termios.TIOCGWINSZ, _ROOM_FOR_A_SIZE))
