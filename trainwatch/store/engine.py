"""How the database is opened: one connection that writes, a pool that can only read."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as TooManyReadersError
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.sql.elements import ColumnElement

from trainwatch.errors import SettingsError, UnavailableError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

BUSY_SECONDS = 10.0
_READERS = 4  # kept open
_MORE_READERS = 12  # opened at need


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; `path` is the file, None for PostgreSQL. Whoever opened it closes it."""

    url: str
    dialect: str
    path: Path | None
    write_engine: Engine
    read_engine: Engine

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Give a connection that may write.

        Its first statement begins a transaction that owns the database until `commit()` or
        `rollback()`; what is not committed is rolled back at the end.
        """
        with self.write_engine.connect() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Give a connection that cannot write; all it reads is of one moment. Never waits for the writer.

        Raises:
            UnavailableError: If the database does not answer, or too many read from it.
        """
        try:
            with self.read_engine.connect() as connection:
                yield connection
        except (OperationalError, TooManyReadersError) as error:
            raise UnavailableError(f"the database cannot be read now: {reason_of(error)}") from error
        except DatabaseError as error:
            if type(error) is not DatabaseError:  # a mistake of ours, unlike "not a database" and "malformed"
                raise
            raise UnavailableError(f"the database cannot be read: {reason_of(error)}") from error

    @property
    def is_read(self) -> bool:
        """Whether somebody has a connection that reads, or has dropped one in the middle of its use."""
        pool = self.read_engine.pool
        return isinstance(pool, QueuePool) and pool.checkedout() > 0

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.read_engine.dispose()
        self.write_engine.dispose()


def open_database(location: str | Path) -> Database:
    """Open the database at `location`: a path, `sqlite:///path` or `postgresql://…`.

    Nothing is connected yet, and no schema is made: see `store.schema`.

    Raises:
        SettingsError: If `location` names no database that this program knows.
    """
    if isinstance(location, Path) or "://" not in location:
        return _open_sqlite(Path(location))
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:  # its message may hold the password
        raise SettingsError(
            "the database URL cannot be read; write postgresql://user@host:5432/name"
        ) from error
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return _open_sqlite(Path(url.database))
    if backend in ("postgresql", "postgres"):
        return _open_postgresql(url.set(drivername="postgresql+psycopg"))
    raise SettingsError("the database must be a file path, sqlite:///path or postgresql://…")


def open_untouched(location: str | Path) -> Database:
    """Open the database at `location` to read it without leaving a trace, not even a file beside it.

    An SQLite file that nobody has open is read as it lies: what somebody writes meanwhile looks like damage.

    Raises:
        SettingsError: If `location` names no database that this program knows.
    """
    database = open_database(location)
    if database.path is None or is_in_use(database.path):
        return database
    return replace(database, read_engine=_sqlite_reader(database.path, immutable="1"))


def is_in_use(path: Path) -> bool:
    """Whether somebody has the SQLite file open, or was killed while it was."""
    return log_of(path).exists()


def log_of(path: Path) -> Path:
    """Return where SQLite keeps what is committed and not in the file `path` yet."""
    return path.with_name(path.name + "-wal")


def reason_of(error: Exception) -> str:
    """Return what went wrong in one line, without the SQL and the advice that come with it."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def insert_for(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT into `table` that knows `ON CONFLICT`; only the dialect that is used is imported."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

        return insert(table)
    from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415

    return insert(table)


def upsert(
    dialect: str,
    table: Table,
    *,
    key: Sequence[str],
    replace: Sequence[str],
    where: ColumnElement[bool] | None = None,
) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT that replaces the columns `replace` of the row with the same `key`.

    With no columns to replace, a row that is there stays as it is. `where` is the condition
    of a partial unique index.
    """
    statement = insert_for(dialect, table)
    if not replace:
        return statement.on_conflict_do_nothing(index_elements=list(key), index_where=where)
    return statement.on_conflict_do_update(
        index_elements=list(key),
        index_where=where,
        set_={name: statement.excluded[name] for name in replace},
    )


def _open_sqlite(path: Path) -> Database:
    path = path.expanduser().absolute()
    write = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(write, "connect", _prepare_sqlite_writer)
    event.listen(write, "begin", _begin_immediate)
    return Database(f"sqlite:///{path}", "sqlite", path, write, _sqlite_reader(path))


def _sqlite_reader(path: Path, **how: str) -> Engine:
    read = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true", **how}),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=_READERS,
        max_overflow=_MORE_READERS,
    )
    event.listen(read, "connect", _prepare_sqlite_reader)
    event.listen(read, "begin", _begin)
    return read


def _prepare_sqlite_writer(raw: sqlite3.Connection, record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA journal_size_limit = 67108864")


def _prepare_sqlite_reader(raw: sqlite3.Connection, record: object) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA query_only = ON")
    raw.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows ASCII only


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _begin_immediate(connection: Connection) -> None:
    _run(connection, "BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    _run(connection, "BEGIN")


def _run(connection: Connection, statement: str) -> None:
    """Run `statement` on the driver itself; its error is SQLAlchemy's all the same."""
    try:
        connection.connection.cursor().execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


def _open_postgresql(url: URL) -> Database:
    try:
        write = create_engine(url, poolclass=NullPool)
    except ImportError as error:
        raise SettingsError("PostgreSQL needs a driver: pip install 'trainwatch[postgres]'") from error
    read = create_engine(
        url,
        isolation_level="REPEATABLE READ",
        pool_size=_READERS,
        max_overflow=_MORE_READERS,
        pool_pre_ping=True,
    )
    event.listen(read, "connect", _prepare_postgresql_reader)
    return Database(url.render_as_string(hide_password=False), "postgresql", None, write, read)


def _prepare_postgresql_reader(raw: Any, record: object) -> None:
    raw.read_only = True
