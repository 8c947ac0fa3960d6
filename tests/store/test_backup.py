from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select

from trainwatch.domain.task import Task
from trainwatch.errors import ConflictError
from trainwatch.store.backup import back_up
from trainwatch.store.engine import open_database
from trainwatch.store.tables import TASKS
from trainwatch.store.tasks import row_from_task

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def add_task(connection, task_id):
    task = Task(id=task_id, title="t", created_at=NOW, last_updated=NOW)
    connection.execute(insert(TASKS).values(row_from_task(task)))


def count(database):
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(TASKS))


def test_a_backup_has_what_was_committed_while_the_writer_goes_on(sqlite_database, tmp_path):
    target = tmp_path / "copy.db"
    with sqlite_database.writing() as connection:
        add_task(connection, 1)
        connection.commit()
        add_task(connection, 2)
        back_up(sqlite_database, target)
        connection.commit()
    assert count(open_database(target)) == 1
    assert count(sqlite_database) == 2
    assert not list(tmp_path.glob("*.partial"))


def test_a_backup_replaces_an_older_one(sqlite_database, tmp_path):
    target = tmp_path / "copy.db"
    for task_id in (1, 2):
        with sqlite_database.writing() as connection:
            add_task(connection, task_id)
            connection.commit()
        back_up(sqlite_database, target)
    assert count(open_database(target)) == 2


def test_postgresql_is_left_to_its_own_tool(postgresql_database, tmp_path):
    with pytest.raises(ConflictError, match="pg_dump"):
        back_up(postgresql_database, tmp_path / "copy.db")
