from datetime import UTC, datetime

from sqlalchemy import insert

from trainwatch.domain.events import Notified
from trainwatch.domain.task import Task
from trainwatch.store.notifications import list_notifications
from trainwatch.store.tables import NOTIFICATIONS, TASKS
from trainwatch.store.tasks import row_from_task

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_the_newest_come_first_and_outlive_their_task(database):
    with database.writing() as connection:
        task = Task(id=1, title="t", created_at=NOW, last_updated=NOW)
        connection.execute(insert(TASKS).values(row_from_task(task)))
        for level, task_id in (("info", None), ("error", 1)):
            row = {"level": level, "title": "T", "message": None, "task_id": task_id, "created_at": NOW}
            connection.execute(insert(NOTIFICATIONS).values(row))
        connection.execute(TASKS.delete())
        connection.commit()
    with database.reading() as connection:
        both = [Notified(2, "error", "T", None, None, NOW), Notified(1, "info", "T", None, None, NOW)]
        assert list_notifications(connection, limit=10) == both
        assert list_notifications(connection, limit=1) == both[:1]
        assert list_notifications(connection, limit=10, after=1) == both[:1]
