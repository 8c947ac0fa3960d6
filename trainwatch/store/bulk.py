"""Many rows by one statement, as plain tuples, past what SQLAlchemy does for each row."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from trainwatch.store.columns import UtcDateTime
from trainwatch.store.engine import DialectInsert


class Bulk:
    """An INSERT whose rows are tuples of what the driver itself takes, in the order of `columns`."""

    def __init__(self, statement: DialectInsert, dialect: str, columns: Sequence[str]) -> None:
        """Prepare `statement` for the driver of `dialect`."""
        known = (
            postgresql.psycopg.dialect(paramstyle="format")
            if dialect == "postgresql"
            else sqlite.dialect(paramstyle="qmark")
        )
        compiled = statement.compile(dialect=known, column_keys=list(columns))
        if compiled.positiontup != list(columns):
            raise ValueError(f"columns in another order than the table's: {columns}")
        self._sql = str(compiled)
        to_driver = UtcDateTime().bind_processor(known)
        self.time = lru_cache(maxsize=64)(to_driver)  # the points of one report share theirs

    def run(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute it for each of `rows`; times are to be given through `time`."""
        connection.exec_driver_sql(self._sql, list(rows))
