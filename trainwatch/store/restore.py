"""A copy of the database put back in place of the one that is there."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.errors import BackupError, MigrationError, TrainwatchError
from trainwatch.store.backup import copy_file, sync
from trainwatch.store.credentials import find_instance
from trainwatch.store.engine import is_in_use, open_untouched, reason_of
from trainwatch.store.schema import HEAD, known_revisions, migrations_folder, revision_in
from trainwatch.store.tables import TASKS
from trainwatch.store.tasks import LIVING

FILE_NAME = "trainwatch.db"
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy of the database holds.

    `instance` is the name of the database, `attempts` the number of the last attempt of each task by id, and
    `latest_at` the time of the newest change of a task, None for no task.
    """

    revision: str
    instance: str | None
    attempts: dict[int, int]
    latest_at: datetime | None


def copy_whole(source: Path, target: Path) -> Contents:
    """Copy the database `source` to `target`, together with a `-wal` beside it, and return what it holds.

    Raises:
        BackupError: If it cannot be read, is damaged, is no database of TrainWatch, or of a newer version.
    """
    if not source.is_file():
        raise BackupError(f"{source} is no file")
    try:
        copy_file(source, target)
        with closing(sqlite3.connect(target)) as copy:
            complaint = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
            orphan = copy.execute("PRAGMA foreign_key_check").fetchone()
        if complaint != "ok" or orphan is not None:
            raise BackupError(f"{source} is damaged: {' '.join(complaint.split())}")
        return contents_of(target)
    except (sqlite3.Error, SQLAlchemyError, OSError, MigrationError) as error:
        reason = error.message if isinstance(error, TrainwatchError) else reason_of(error)
        raise BackupError(f"{source} cannot be restored: {reason}") from error


def put_in_place(copy: Path, path: Path, aside: Path) -> None:
    """Let `copy` take the place of the database `path`; what was there, and beside it, is moved to the folder `aside`.

    What was there is complete in `aside` before anything at `path` changes, so that a power cut loses neither.
    """
    for old in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        if old.exists():
            os.link(old, aside / old.name)
    sync(aside)
    for end in _BESIDE:  # first: a log of another database would be played into the new one
        path.with_name(path.name + end).unlink(missing_ok=True)
    copy.replace(path)
    sync(path.parent)


def contents_of(path: Path) -> Contents:
    """Return what a copy that nobody has open holds.

    Raises:
        BackupError: If somebody has it open.
        MigrationError: If it is no database of TrainWatch, or of a newer version.
    """
    if is_in_use(path):
        raise BackupError(f"{path} is in use")
    database = open_untouched(path)
    try:
        with database.reading() as connection:
            revision = revision_in(connection)
            if revision is None:
                raise MigrationError("it holds no tables")
            if revision not in known_revisions(migrations_folder()):
                raise MigrationError(
                    f"it was made by a newer TrainWatch (revision {revision}, this program knows {HEAD})"
                )
            rows = connection.execute(select(TASKS.c.id, TASKS.c.attempt).where(LIVING))
            attempts = {int(row.id): int(row.attempt) for row in rows}
            latest_at = connection.scalar(select(func.max(TASKS.c.last_updated)))
            return Contents(revision, find_instance(connection), attempts, latest_at)
    finally:
        database.close()
