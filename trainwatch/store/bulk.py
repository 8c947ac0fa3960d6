"""Many rows by one statement, as plain tuples, past what SQLAlchemy does for each row."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError

from trainwatch.store.columns import UtcDateTime

_TOGETHER = (64, 8)
"""How many rows one statement inserts into SQLite, most first: half the time of as many statements."""


class Bulk:
    """A statement whose rows are tuples of what the driver itself takes.

    `columns` names the parts of such a tuple, in order; times are to be given through `time`.
    """

    def __init__(
        self, statement: Insert | Update, dialect: str, columns: Sequence[str] | None = None
    ) -> None:
        """Prepare `statement`, with the given columns or all that it names."""
        driver = _driver(dialect)
        compiled = statement.compile(dialect=driver, column_keys=list(columns) if columns else None)
        self.columns: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._sql = str(compiled)
        self._blocks: list[tuple[int, str]] = []
        if dialect == "sqlite" and statement.is_insert:
            self._blocks = [(rows, self._for_rows(rows)) for rows in _TOGETHER]
        to_driver = UtcDateTime().bind_processor(driver)
        self.time = lru_cache(maxsize=1024)(to_driver)  # most of what is written at once shares its times

    def run(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute it for each of `rows`, in order; the driver's errors are SQLAlchemy's all the same."""
        left = list(rows)
        if not left:
            return
        if not connection.in_transaction():
            connection.begin()
        dbapi = connection.dialect.loaded_dbapi
        try:
            self._execute(connection.connection.cursor().executemany, left)
        except dbapi.Error as error:
            kind = dbapi.Error
            raise DBAPIError.instance(self._sql, None, error, kind, dialect=connection.dialect) from error

    def _execute(
        self, execute: Callable[[str, list[tuple[Any, ...]]], Any], left: list[tuple[Any, ...]]
    ) -> None:
        for size, sql in self._blocks:
            whole = len(left) // size * size
            blocks = [tuple(chain.from_iterable(left[at : at + size])) for at in range(0, whole, size)]
            if blocks:
                execute(sql, blocks)
            left = left[whole:]
        if left:
            execute(self._sql, left)

    def _for_rows(self, count: int) -> str:
        """Return the INSERT for `count` rows at once."""
        one = f"({', '.join('?' * len(self.columns))})"
        before, values, after = self._sql.partition(f"VALUES {one}")
        if not values:
            raise ValueError(f"not the INSERT of one row: {self._sql}")
        return f"{before}VALUES {', '.join([one] * count)}{after}"


def _driver(dialect: str) -> Dialect:
    """Return the dialect with positional parameters; only the one that is used is imported."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import psycopg  # noqa: PLC0415

        return psycopg.dialect(paramstyle="format")
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.dialect(paramstyle="qmark")
