"""The right to write to a PostgreSQL database: held by the very connection that writes, and lost only with it."""

import time

from sqlalchemy import Connection, text

from trainwatch.errors import DataDirLockedError

WRITE_KEY = 0x7772697465  # any number that nobody else in that database would choose
_PATIENCE_S = 2.0
_PAUSE_S = 0.05

IS_OWNED_ELSEWHERE = (
    "another TrainWatch server is using this PostgreSQL database:"
    " stop it first, or give this one a database of its own"
)

_TRY = text("SELECT pg_try_advisory_lock(:key)")
_HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32 | objid::bigint) = :key"
)


class WriteLock:
    """Makes sure that a connection may write, also after it was broken and made anew. SQLite has its lock file.

    An advisory lock goes with its connection, as when PostgreSQL restarts. Whoever holds it elsewhere by then
    writes with a cache of its own, and two such writers would undo each other's changes.
    """

    def __init__(self, connection: Connection) -> None:
        """Hold nothing yet."""
        self._connection = connection
        self._is_needed = connection.dialect.name == "postgresql"
        self._held_by: object | None = None
        self._is_lost = False
        self._pid: int | None = None

    def hold(self) -> None:
        """Take the lock if this connection does not have it; costs nothing where it has.

        Raises:
            DataDirLockedError: If somebody else has it, or had it once: what was read before holds no more.
            OperationalError: If the database cannot be reached.
        """
        if not self._is_needed:
            return
        if self._is_lost:
            raise DataDirLockedError(IS_OWNED_ELSEWHERE)
        driver = self._connection.connection.driver_connection
        if driver is not self._held_by:
            self._take()
            self._held_by = driver

    def check(self) -> None:
        """Find out whether the connection still lives, and take the lock again if it had to be made anew.

        Raises:
            DataDirLockedError: If somebody else has the lock.
            OperationalError: If the database cannot be reached.
        """
        self.hold()
        if self._is_needed:
            self._connection.execute(text("SELECT 1"))

    def _take(self) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not self._connection.scalar(_TRY, {"key": WRITE_KEY}):
            holder = self._connection.scalar(_HOLDER, {"key": WRITE_KEY})
            if (
                holder is not None and holder == self._pid
            ):  # a connection of ours that PostgreSQL takes for alive
                self._connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": holder})
            elif time.monotonic() > deadline:
                self._connection.rollback()
                self._is_lost = True
                raise DataDirLockedError(IS_OWNED_ELSEWHERE)
            time.sleep(_PAUSE_S)
        self._pid = self._connection.scalar(text("SELECT pg_backend_pid()"))
        self._connection.commit()


def is_writing(connection: Connection) -> bool:
    """Whether somebody holds the right to write to the PostgreSQL database of `connection`."""
    return connection.scalar(_HOLDER, {"key": WRITE_KEY}) is not None
