"""One server a database: the lock that says so, freed by the kernel however the server ends."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from trainwatch.errors import DataDirLockedError
from trainwatch.store.checkpoint import close_whole
from trainwatch.store.engine import Database
from trainwatch.store.write_lock import IS_OWNED_ELSEWHERE, is_writing
from trainwatch.strict_modes import make_folder

LOCK_FILE = "trainwatch.lock"

_ADVISORY_KEY = 0x7261696E7761  # any number that nobody else in that database would choose
_PATIENCE_S = 2
_PAUSE_S = 0.05


@contextmanager
def owning(database: Database, data_dir: Path, *, lock_file: str = LOCK_FILE) -> Generator[None]:
    """Own the data directory, and on PostgreSQL the database, until the end, at which the database is closed.

    With another `lock_file` it is not the folder that is owned, but what is named by that in it.

    Raises:
        DataDirLockedError: If another process owns one of them.
    """
    with _locked_file(data_dir / lock_file), _locked_database(database):
        try:
            yield
        finally:
            close_whole(database)


def owner_of(data_dir: Path) -> str | None:
    """Return the process that owns the data directory, as text; None if nobody does, as far as one can tell."""
    path = data_dir / LOCK_FILE
    try:
        with path.open("rb") as file:
            pid = file.read().decode().strip()
            return pid if pid and _is_locked(file.fileno()) else None  # whoever ends well empties it
    except OSError:
        return None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


@contextmanager
def _locked_file(path: Path) -> Generator[None]:
    make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirLockedError(_who_holds(path)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)  # the file stays: whoever waits at it must not wait at a deleted one
    finally:
        os.close(descriptor)


def _who_holds(path: Path) -> str:
    pid = path.read_text().strip() or "unknown"
    return (
        f"another TrainWatch server or tracker (pid {pid}) is using {path.parent}:"
        " stop it first, or give this one a data directory of its own"
    )


@contextmanager
def _locked_database(database: Database) -> Generator[None]:
    if database.dialect != "postgresql":
        yield
        return
    with database.write_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A server that was killed a moment ago is let go of as soon as PostgreSQL notices.
        connection.execute(text(f"SET lock_timeout = '{_PATIENCE_S}s'"))
        try:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_KEY})
        except OperationalError as error:
            raise DataDirLockedError(IS_OWNED_ELSEWHERE) from error
        deadline = time.monotonic() + _PATIENCE_S
        while is_writing(
            connection
        ):  # PostgreSQL was restarted under a server: it has that lock again, not this one
            if time.monotonic() > deadline:
                raise DataDirLockedError(IS_OWNED_ELSEWHERE)
            time.sleep(_PAUSE_S)
        yield
