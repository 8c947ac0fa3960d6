"""What the job prints into: a pipe, or a pseudo-terminal for programs that want one."""

import contextlib
import errno
import fcntl
import os
import struct
import sys
import termios

from trainwatch.supervisor.spec import Terminal

_PIPE_BYTES = 256 << 10


class Channel:
    """The reading end, which stays with the supervisor, and the writing end, which the job gets."""

    def __init__(self, terminal: Terminal | None) -> None:
        self.reading, self.writing = _open_terminal(terminal) if terminal else _open_pipe()
        os.set_blocking(self.reading, False)

    def read(self, limit: int) -> bytes | None:
        """Return what was printed; b"" if nobody can print any more, None if nothing has come."""
        try:
            return os.read(self.reading, limit)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno == errno.EIO:  # how a terminal says that everybody has gone
                return b""
            raise

    def give_away(self) -> None:
        """Close our copy of the writing end, after the job has got it."""
        os.close(self.writing)

    def close(self) -> None:
        """Close the reading end."""
        os.close(self.reading)


def _open_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # more than the administrator allows: the usual size will do
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return reading, writing


def _open_terminal(terminal: Terminal) -> tuple[int, int]:
    r"""Return a terminal that hands on what is printed byte for byte (no \n to \r\n) and echoes nothing."""
    reading, writing = os.openpty()
    attributes = termios.tcgetattr(writing)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(writing, termios.TCSANOW, attributes)
    size = struct.pack("HHHH", terminal.rows, terminal.columns, 0, 0)
    fcntl.ioctl(writing, termios.TIOCSWINSZ, size)
    return reading, writing
