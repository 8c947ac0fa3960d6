"""A database that takes nothing for a while, of each kind."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import text

from trainwatch.store.engine import Database


@contextlib.contextmanager
def locked(database: Database) -> Iterator[None]:
    """Hold the database so that whoever writes waits; on PostgreSQL whoever reads the audit log or tasks does, too."""
    with database.writing() as connection:  # on SQLite the first statement owns the file
        if database.dialect == "postgresql":
            connection.execute(
                text("LOCK TABLE tasks, audit_log, api_keys, sessions, users IN ACCESS EXCLUSIVE MODE")
            )
        else:
            connection.execute(text("SELECT 1"))
        yield
        connection.rollback()
