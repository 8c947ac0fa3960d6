"""The end of an SQLite database's use: what is committed is in the one file, with no `-wal` beside it."""

import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from trainwatch.store.engine import Database, log_of

PATIENCE_S = 10.0
"""How long to wait for other processes that still read, such as an export."""

log = structlog.get_logger()


def close_whole(database: Database, *, patience_s: float = PATIENCE_S) -> bool:
    """Close `database`, which nobody else writes to, and return whether it is one whole file now.

    A connection that only reads leaves the write-ahead log behind when it is the last one to close, and
    whoever copies or replaces the file then loses, or mixes, what is in the log.
    """
    if database.is_read:
        gc.collect()  # a connection that was dropped in the middle of its use goes back to its pool
    database.close()
    if database.path is None or not log_of(database.path).exists():
        return True
    try:
        is_whole = _checkpoint(database.path, patience_s)
    except sqlite3.Error as error:
        log.warning("database_not_whole", path=str(database.path), reason=str(error))
        return False
    if not is_whole:
        log.warning(
            "database_not_whole", path=str(database.path), reason="another process reads; copy the -wal too"
        )
    return is_whole


def _checkpoint(path: Path, patience_s: float) -> bool:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=patience_s)) as connection:
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
