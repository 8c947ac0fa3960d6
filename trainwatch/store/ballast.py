"""Room that is held on the disk of the database, to be given up when there is none left."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from sqlite3 import SQLITE_FULL, SQLITE_IOERR
from sqlite3 import Error as SqliteError

import structlog
from sqlalchemy.exc import DBAPIError

BALLAST_BYTES = 4 << 20
_NEEDED_BYTES = 4 * BALLAST_BYTES
"""How much must be free before the room is held anew: else it would be given up again at once."""

log = structlog.get_logger()


class Ballast:
    """A file beside an SQLite database that holds room; belongs to the writer's thread."""

    def __init__(self, database: Path | None) -> None:
        """Hold nothing yet; `database` is None where the database is not on a disk of ours."""
        self._path = None if database is None else database.with_name("ballast")
        self.is_given_up = False
        """Whether the room was given up, and is not held again."""

    def hold(self) -> bool:
        """Hold the room if there is enough of it, and return whether it is not given up any more."""
        if self._path is None or self._is_there(self._path):
            self.is_given_up = False
        elif shutil.disk_usage(self._path.parent).free >= _NEEDED_BYTES and _fill(self._path):
            if self.is_given_up:
                log.info("ballast_held_again")
            self.is_given_up = False
        return not self.is_given_up

    def give_up(self) -> bool:
        """Give the room up, and return whether there was any."""
        if self._path is None or not self._path.exists():
            return False
        self._path.unlink()
        self.is_given_up = True
        log.warning("ballast_given_up", reason="the disk is full")
        return True

    def _is_there(self, path: Path) -> bool:
        return path.exists() and path.stat().st_size == BALLAST_BYTES


def is_disk_full(error: Exception) -> bool:
    """Whether SQLite could not write for want of room; a quota or a limit looks like a fault of the disk."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", None) if isinstance(cause, SqliteError) else None
    return code is not None and code & 0xFF in (SQLITE_FULL, SQLITE_IOERR)


def _fill(path: Path) -> bool:
    """Write the file, of bytes that no file system can shrink; return whether the disk took it."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(BALLAST_BYTES))
            file.flush()
            os.fsync(handle)
    except OSError:
        with suppress(OSError):
            path.unlink()
        return False
    return True
