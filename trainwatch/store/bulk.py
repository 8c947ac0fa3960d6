"""Many rows by one statement, as plain tuples, past what SQLAlchemy does for each row."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.dialects import postgresql, sqlite

from trainwatch.store.columns import UtcDateTime


class Bulk:
    """A statement whose rows are tuples of what the driver itself takes.

    `columns` names the parts of such a tuple, in order; times are to be given through `time`.
    """

    def __init__(self, statement: Insert | Update, dialect: str, columns: Sequence[str] | None = None) -> None:
        """Prepare `statement`, with the given columns or all that it names."""
        known = (
            postgresql.psycopg.dialect(paramstyle="format")
            if dialect == "postgresql"
            else sqlite.dialect(paramstyle="qmark")
        )
        compiled = statement.compile(dialect=known, column_keys=list(columns) if columns else None)
        self.columns: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.pick = itemgetter(*self.columns)
        self._sql = str(compiled)
        to_driver = UtcDateTime().bind_processor(known)
        self.time = lru_cache(maxsize=1024)(to_driver)  # most of what is written at once shares its times

    def run(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute it for each of `rows`."""
        connection.exec_driver_sql(self._sql, list(rows))
