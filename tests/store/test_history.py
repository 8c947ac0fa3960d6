from datetime import UTC, datetime

from sqlalchemy import insert

from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.store.history import Attempt, TaskEvent, list_attempts, list_events
from trainwatch.store.tables import JOB_ATTEMPTS, TASK_EVENTS, TASKS
from trainwatch.store.tasks import row_from_task

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def keep(database, *statements):
    rows = [row_from_task(Task(id=n, title="t", created_at=NOW, last_updated=NOW)) for n in (1, 2)]
    with database.writing() as connection:
        connection.execute(insert(TASKS), rows)
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_the_newest_lines_of_one_task_come_first(database):
    keep(
        database,
        *(
            insert(TASK_EVENTS).values(
                task_id=task_id, attempt=1, kind="message", message=f"line {n}", created_at=NOW
            )
            for n, task_id in enumerate((1, 2, 1, 1), 1)
        ),
    )
    with database.reading() as connection:
        assert list_events(connection, 1, limit=2) == [
            TaskEvent(4, 1, "message", "line 4", NOW),
            TaskEvent(3, 1, "message", "line 3", NOW),
        ]


def test_attempts_come_in_order(database):
    keep(
        database,
        insert(JOB_ATTEMPTS).values(task_id=1, attempt=2, status="running", started_at=NOW),
        insert(JOB_ATTEMPTS).values(
            task_id=1, attempt=1, status="failed", status_reason="exit code 1", exit_code=1, finished_at=NOW
        ),
    )
    with database.reading() as connection:
        assert list_attempts(connection, 1) == [
            Attempt(1, Status.FAILED, "exit code 1", None, 1, (), None, NOW),
            Attempt(2, Status.RUNNING, None, None, None, (), NOW, None),
        ]
