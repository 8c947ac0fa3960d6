"""What a server keeps, read past it."""

import contextlib
import sqlite3
from typing import Any

from tests.plugins.server import Server

_SEEN = {"last_seen_at", "last_used_at"}
_COUNTER = "sqlite_sequence"  # of the ids that were given


def rows_of(server: Server) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything in the database, but for when sessions and keys were seen last."""
    path = server.data_dir / "trainwatch.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: _rows(database, table) for table in tables if table != _COUNTER}


def _rows(database: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    lasting = ", ".join(f'"{column}"' for column in columns if column not in _SEEN)
    return database.execute(f"SELECT {lasting} FROM {table}").fetchall()
