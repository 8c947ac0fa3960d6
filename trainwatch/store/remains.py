"""Deleted tasks: gone at once for everybody, then taken away in slices.

To take a million points away in one transaction lets every report wait for more than a second.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, insert, select, tuple_, update

from trainwatch.store.tables import (
    DELETED_TASKS,
    METRIC_BUCKETS,
    METRIC_POINTS,
    METRIC_SERIES,
    NOTIFICATIONS,
    TASK_EVENTS,
    TASKS,
)

SLICE = 2_000
"""Rows of one table that are taken away together: a few milliseconds."""

_MAY_BE_LONG = (METRIC_POINTS, METRIC_BUCKETS, TASK_EVENTS)


def mark_deleted(connection: Connection, task_id: int, *, now: datetime) -> None:
    """Hide a task from everybody, and let another be known by its run id."""
    connection.execute(insert(DELETED_TASKS).values(task_id=task_id, deleted_at=now))
    connection.execute(update(TASKS).where(TASKS.c.id == task_id).values(external_id=None))
    of_task = NOTIFICATIONS.c.task_id == task_id
    connection.execute(update(NOTIFICATIONS).where(of_task).values(task_id=None))
    connection.execute(delete(METRIC_SERIES).where(METRIC_SERIES.c.task_id == task_id))


def sweep(connection: Connection) -> bool:
    """Take away a slice of what is left of a deleted task; return whether there may be more.

    The task's own row goes last, so that whoever dies before finds what is left to do.
    """
    task_id: int | None = connection.scalar(select(DELETED_TASKS.c.task_id).limit(1))
    if task_id is None:
        return False
    if any(_cut(connection, table, task_id) for table in _MAY_BE_LONG):
        return True
    connection.execute(delete(TASKS).where(TASKS.c.id == task_id))
    return True


def _cut(connection: Connection, table: Table, task_id: int) -> bool:
    """Delete the first rows of a task in the order of their key; return whether others are left."""
    of_task = table.c.task_id == task_id
    key = _key_within_task(table)
    first_kept = connection.execute(select(*key).where(of_task).order_by(*key).offset(SLICE).limit(1)).first()
    if first_kept is None:
        connection.execute(delete(table).where(of_task))
        return False
    # A range: to name each row, "IN (SELECT …)", took 25 times as long on SQLite.
    connection.execute(delete(table).where(of_task, tuple_(*key) < tuple_(*first_kept)))
    return True


def _key_within_task(table: Table) -> Sequence[Column[Any]]:
    return [column for column in table.primary_key if column.name != "task_id"]
