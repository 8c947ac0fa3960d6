"""A database that is closed is one whole file, also where somebody has only read from it last."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from structlog.testing import capture_logs

from trainwatch.store.checkpoint import close_whole, log_of
from trainwatch.store.engine import Database, open_database


def read(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(text("SELECT count(*) FROM numbers")) or 0


def rows_in_a_copy(path: Path) -> int:
    copy = shutil.copy(path, path.with_name("copy.db"))
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT count(*) FROM numbers").fetchone()[0]


def make(path: Path, *, rows: int) -> Database:
    """Return a database whose reading connections are the last ones that are open."""
    database = open_database(path)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER)"))
        connection.commit()
        assert read(database) == 0
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": n} for n in range(rows)])
        connection.commit()
    assert read(database) == rows
    return database


def test_what_was_committed_is_in_the_one_file(tmp_path: Path):
    path = tmp_path / "a.db"
    assert close_whole(make(path, rows=1_000))
    assert [each.name for each in tmp_path.iterdir()] == ["a.db"]
    assert rows_in_a_copy(path) == 1_000


def test_a_reader_that_was_in_use_when_the_pool_closed_is_no_obstacle(tmp_path: Path):
    path = tmp_path / "a.db"
    database = make(path, rows=10)
    reader = database.read_engine.connect()
    reader.execute(text("SELECT 1"))
    del reader
    assert close_whole(database)
    assert not log_of(path).exists()


def test_what_a_killed_server_left_is_taken_into_the_file(tmp_path: Path):
    path = tmp_path / "a.db"
    database = make(tmp_path / "running.db", rows=500)
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"running.db{end}", f"{path}{end}")
    database.close()
    assert log_of(path).stat().st_size > 0
    assert close_whole(open_database(path))
    assert rows_in_a_copy(path) == 500


def test_another_process_that_reads_is_waited_for_and_then_told(tmp_path: Path):
    path = tmp_path / "a.db"
    database = make(path, rows=10)
    with closing(sqlite3.connect(path)) as other, capture_logs() as lines:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM numbers").fetchone()
        with database.writing() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (7)"))
            connection.commit()
        assert not close_whole(database, patience_s=0.05)
    assert [line["event"] for line in lines] == ["database_not_whole"]
    assert close_whole(database)
    assert rows_in_a_copy(path) == 11


def test_nothing_is_made_where_nothing_was(tmp_path: Path):
    assert close_whole(open_database(tmp_path / "a.db"))
    assert list(tmp_path.iterdir()) == []
