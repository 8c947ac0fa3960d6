"""The one kind of transaction in which tables may change."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from trainwatch.errors import MigrationError
from trainwatch.store.engine import BUSY_SECONDS, Database


@contextmanager
def changing_tables(database: Database) -> Generator[Connection]:
    """Give a connection inside a transaction that is committed at the end, all of it or nothing.

    On SQLite foreign keys are off in it: Alembic alters a table by copying, dropping and renaming
    it, and with foreign keys on the drop would delete the rows of the tables that refer to it.

    Raises:
        MigrationError: If rows would be left that refer to rows which are not there.
    """
    engine = _sqlite_engine(database.path) if database.path else database.write_engine
    with engine.begin() as connection:
        yield connection
        if database.path:
            _check_references(connection)


def _sqlite_engine(path: Path) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: sqlite3.Connection, record: object) -> None:
    raw.isolation_level = None  # else the driver would decide when a transaction begins
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _check_references(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        tables = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in orphans}))
        raise MigrationError(f"{len(orphans)} rows would refer to rows that are not there ({tables})")
