"""A copy of the database while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from trainwatch.errors import BackupError, ConflictError
from trainwatch.store.damage import PARTIAL
from trainwatch.store.engine import Database


def back_up(database: Database, target: Path) -> None:
    """Write a consistent copy of the database to `target`, which appears only when it is whole.

    Readers and the writer go on meanwhile. An existing file is replaced; the copy is its owner's alone.

    Raises:
        ConflictError: If the database is not a file of ours.
        BackupError: If it cannot be read, or `target` cannot be written.
    """
    if database.path is None:
        raise ConflictError("this database is PostgreSQL: back it up with pg_dump")
    partial = target.with_name(target.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)
        copy_file(database.path, partial)
        partial.replace(target)
        sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise BackupError(f"could not copy {database.path} to {target}: {error}") from error


def copy_file(source: Path, target: Path) -> None:
    """Copy an SQLite file, also one that is in use, to `target`, which must not exist; it is one file, on the disk."""
    os.close(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    )  # it holds all that the database does
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no -wal beside it
    sync(target)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
