"""An SQLite file that is no whole database any more: how that shows, and what its owner can do."""

import time
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, OperationalError

from trainwatch.errors import MigrationError
from trainwatch.store.engine import log_of

PARTIAL = ".partial"
"""What the name of a backup ends with that is not whole yet, or never became it."""

_BACKUP = ".backup-"
_STEPS_BETWEEN_LOOKS = 10_000


def backups_of(path: Path, folder: Path) -> list[Path]:
    """Return the whole backups of the database `path` in `folder`, the oldest first: names sort by revision, then time."""
    prefix = path.name + _BACKUP
    found = [each for each in folder.iterdir() if each.name.startswith(prefix)]
    return sorted(each for each in found if not each.name.endswith(PARTIAL))


def backup_path(path: Path, folder: Path, label: str) -> Path:
    """Return where a backup of the database `path` is kept in `folder`."""
    return folder / f"{path.name}{_BACKUP}{label}"


def way_out(path: Path, folder: Path) -> str:
    """Return what the owner of the broken database `path`, whose backups are in `folder`, can do."""
    found = backups_of(path, folder)
    there = f"{found[-1]} is the newest beside it" if found else "there is none beside it"
    return f"restore a backup with `trainwatch restore FILE` ({there}), or move the file away to begin with an empty one"


def is_empty(path: Path) -> bool:
    """Whether the file is there and holds nothing, nor has a `-wal` beside it that would fill it."""
    log = log_of(path)
    return path.exists() and not path.stat().st_size and not (log.exists() and log.stat().st_size)


def refuse_empty(path: Path, folder: Path) -> None:
    """Let a file pass that is not empty, or not there.

    Raises:
        MigrationError: If it is: TrainWatch leaves no such file, so a full disk or a failed copy has.
    """
    if is_empty(path):
        raise MigrationError(f"{path} is empty (0 bytes), by some accident: {way_out(path, folder)}")


def refusal(error: Exception, path: Path, folder: Path) -> MigrationError | None:
    """Return how a start is refused that failed with `error`; None if that tells of no damage."""
    if type(error) is not DatabaseError:  # which "not a database" and "malformed" are, and no mistake of ours
        return None
    return damaged(str(error.orig), path, folder)


def damaged(what: str, path: Path, folder: Path) -> MigrationError:
    """Return how a start on a damaged database is refused."""
    return MigrationError(f"{path} is damaged ({' '.join(what.split())}): {way_out(path, folder)}")


def find_damage(connection: Connection, patience_s: float) -> tuple[str | None, bool]:
    """Return what is wrong with an SQLite database, and whether all of it was looked at within `patience_s`."""
    driver = connection.connection.driver_connection
    assert driver is not None
    ends_at = time.monotonic() + patience_s
    driver.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS_BETWEEN_LOOKS)
    try:
        complaint = str(connection.scalar(text("PRAGMA quick_check(1)")))
    except OperationalError as error:
        if "interrupted" not in str(error.orig):
            raise
        return None, False
    finally:
        driver.set_progress_handler(None, 0)
    return (None if complaint == "ok" else " ".join(complaint.split())), True
