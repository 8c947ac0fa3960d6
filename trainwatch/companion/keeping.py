"""What the server has not taken of a command, kept on the disk for `trainwatch sync` or the next `trainwatch run`."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from trainwatch.client.reporter import Report
from trainwatch.client.spool_file import SpoolFolder, Unsent, address_of


def unsent_folder() -> Path:
    """Return where this user's unsent reports are kept."""
    return Path(platformdirs.user_state_dir("trainwatch", appauthor=False)) / "unsent"


class Keeping:
    """Keeps what waits of one command. For several threads."""

    def __init__(self, run_id: str, url: str, name: str) -> None:
        """Keep what waits for the server at `url`."""
        self._folder = SpoolFolder(unsent_folder())
        self._file = self._folder.new(run_id)
        self._about = (address_of(url), name)
        self._lock = threading.Lock()
        self._is_over = False

    def keep(self, reports: Sequence[Report]) -> None:
        """Keep these, and nothing else, until `finish`; a disk that does not take them is tried again with the next."""
        with self._lock:
            if not self._is_over:
                self._write(reports, None)

    def finish(self, reports: Sequence[Report], log: tuple[int, bytes] | None) -> str | None:
        """Keep these at the end, with what of the log was not sent; return why that cannot be done, if so."""
        with self._lock:
            self._is_over = True
            why = self._write(reports, log)
            self._folder.make_room(self._file.path)
            self._file.close()
            return why

    def _write(self, reports: Sequence[Report], log: tuple[int, bytes] | None) -> str | None:
        try:
            if reports:
                self._file.write(Unsent(*self._about, [dict(report) for report in reports], log))
            else:
                self._file.remove()
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
        return None
