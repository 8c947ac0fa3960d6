"""The socket file in the data directory: how the command line speaks to the server that runs.

Whoever can open it is the user that the server runs as, and may do everything.
"""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

FILE = "trainwatch.sock"

_PATIENCE_S = 30.0
_LONGEST_ADDRESS = 100
"""How many bytes the address of a socket file may have everywhere."""


@contextmanager
def listening(data_dir: Path) -> Generator[socket.socket]:
    """Give the listening socket of whoever owns `data_dir`; its file is removed at the end."""
    path = data_dir / FILE
    path.unlink(missing_ok=True)  # of a server that was killed
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        before = os.umask(0o177)
        try:
            with _inside(data_dir):
                listener.bind(FILE)
        finally:
            os.umask(before)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


class Console(HTTPConnection):
    """A connection to the server that runs on a data directory.

    Connecting raises OSError if none runs, or it is another user's.
    """

    def __init__(self, data_dir: Path) -> None:
        """Prepare a connection to the server of `data_dir`."""
        super().__init__("localhost", timeout=_PATIENCE_S)
        self._data_dir = data_dir

    def connect(self) -> None:
        """Open the socket file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        path = os.fsencode(self._data_dir / FILE)
        try:
            if len(path) < _LONGEST_ADDRESS:  # then other threads keep their working directory
                self.sock.connect(path)
            else:
                with _inside(self._data_dir):
                    self.sock.connect(FILE)
        except OSError:
            self.close()
            raise


@contextmanager
def _inside(folder: Path) -> Generator[None]:
    """Work in `folder` for a moment: the address of a socket file has room for about 100 characters.

    The way back leads to the same folder even if that has been removed or renamed meanwhile.
    """
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(here)
        os.close(here)
