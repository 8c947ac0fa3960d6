"""The socket file in the data directory: how the command line speaks to the server that runs.

Whoever can open it is the user that the server runs as, and may do everything.
"""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from trainwatch.errors import SettingsError
from trainwatch.working_directory import working_in

FILE = "trainwatch.sock"

_PATIENCE_S = 30.0
_LONGEST_ADDRESS = 100
"""How many bytes the address of a socket file may have everywhere."""


@contextmanager
def listening(data_dir: Path) -> Generator[socket.socket]:
    """Give the listening socket of whoever owns `data_dir`; its file is removed at the end.

    Raises:
        SettingsError: If a folder has its name.
    """
    path = data_dir / FILE
    _remove_socket(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        before = os.umask(0o177)
        try:
            with working_in(data_dir):
                listener.bind(FILE)
        finally:
            os.umask(before)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _remove_socket(path: Path) -> None:
    """Remove the socket of a server that was killed, or what else has its name."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if not path.is_dir():
            raise
        raise SettingsError(
            f"{path} is a folder, where the socket belongs by which the command line reaches the server: "
            "move it away",
            field="data_dir",
        ) from error


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
                with working_in(self._data_dir):
                    self.sock.connect(FILE)
        except OSError:
            self.close()
            raise
