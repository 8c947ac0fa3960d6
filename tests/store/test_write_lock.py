"""Who writes to PostgreSQL holds the lock by the connection that writes, whatever breaks in between."""

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from trainwatch.errors import DataDirLockedError
from trainwatch.store.engine import Database
from trainwatch.store.write_lock import WriteLock, is_writing


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainwatch.store.write_lock._PATIENCE_S", 0.1)


def cut(database: Database, pid: int) -> None:
    """End a connection as a restart of PostgreSQL does."""
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def pid_of(connection: Connection) -> int:
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    connection.commit()
    return pid


def test_one_holds_it_and_the_other_is_refused_until_the_first_has_gone(postgresql_database: Database):
    with postgresql_database.writing() as second:
        with postgresql_database.writing() as first:
            assert not is_writing(second)
            WriteLock(first).hold()
            assert is_writing(second)
            with pytest.raises(DataDirLockedError):
                WriteLock(second).hold()
        WriteLock(second).hold()


def test_a_connection_that_was_made_anew_takes_it_again_before_it_writes(postgresql_database: Database):
    with postgresql_database.writing() as connection, postgresql_database.writing() as other:
        lock = WriteLock(connection)
        lock.hold()
        cut(postgresql_database, pid_of(connection))
        with pytest.raises(OperationalError):
            lock.check()
        connection.rollback()
        assert not is_writing(other)
        lock.check()
        assert is_writing(other)


def test_a_connection_that_was_made_anew_is_refused_where_another_came_before_it(
    postgresql_database: Database,
):
    with postgresql_database.writing() as first, postgresql_database.writing() as second:
        lock = WriteLock(first)
        lock.hold()
        cut(postgresql_database, pid_of(first))
        WriteLock(second).hold()
        with pytest.raises(OperationalError):
            lock.check()
        first.rollback()
        with pytest.raises(DataDirLockedError):
            lock.hold()


def test_an_own_connection_that_postgresql_takes_for_alive_is_no_other_server(
    postgresql_database: Database,
):
    with postgresql_database.writing() as lost, postgresql_database.writing() as connection:
        lock = WriteLock(lost)
        lock.hold()
        lock._connection = connection  # made anew, while the broken one is still there at the other end
        lock.hold()
        assert is_writing(connection)
        with pytest.raises(OperationalError):
            pid_of(lost)
        lost.rollback()


def test_sqlite_needs_none(sqlite_database: Database):
    with sqlite_database.writing() as first, sqlite_database.writing() as second:
        WriteLock(first).hold()
        WriteLock(second).check()
