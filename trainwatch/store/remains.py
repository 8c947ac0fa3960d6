"""Deleted tasks: gone at once for everybody, then taken away in slices.

To take a million points away in one transaction lets every report wait for more than a second.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, insert, select, text, tuple_, update

from trainwatch.store.tables import (
    DELETED_TASKS,
    METRIC_BUCKETS,
    METRIC_POINTS,
    METRIC_SERIES,
    NOTIFICATIONS,
    TASK_EVENTS,
    TASK_PROGRESS,
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
    for table in (METRIC_SERIES, TASK_PROGRESS):
        connection.execute(delete(table).where(table.c.task_id == task_id))


class Remains:
    """What is left of deleted tasks, on the writer's connection.

    It goes on where the last slice ended. To look from the beginning each time took PostgreSQL longer with
    every slice, for it passes over all that it has deleted and not yet cleared away.
    """

    def __init__(self, connection: Connection) -> None:
        """Work on `connection`."""
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Begin anew: it is not known what was taken away."""
        self.are_left = True
        self._task_id: int | None = None
        self._next: dict[str, tuple[Any, ...] | None] = {}

    def sweep(self) -> None:
        """Take away a slice of what is left of a deleted task, and note whether more may be left.

        The task's own row goes last, so that whoever dies before finds what is left to do.
        """
        if self._connection.dialect.name == "postgresql":
            # Points that it has not counted yet it would gather and sort, all of them.
            self._connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        task_id: int | None = self._connection.scalar(select(DELETED_TASKS.c.task_id).limit(1))
        if task_id != self._task_id:
            self._task_id, self._next = task_id, {}
        if task_id is None:
            self.are_left = False
        elif not any(self._cut_off(table, task_id) for table in _MAY_BE_LONG):
            self._connection.execute(delete(TASKS).where(TASKS.c.id == task_id))

    def _cut_off(self, table: Table, task_id: int) -> bool:
        """Delete the next rows of one series, level or history of a task; return False if there were none.

        Always a range within what the rest of the key names. Both databases find that at once: SQLite took 25 times as
        long to delete rows by name, and PostgreSQL reads a range of whole keys to the task's end.
        """
        key = _key(table)
        if table.name not in self._next:
            self._next[table.name] = self._first(table, key[0] == task_id)
        first = self._next[table.name]
        if first is None:
            return False
        *names, at = first
        rest = [column == name for column, name in zip(key, names, strict=False)] + [key[-1] >= at]
        in_order = select(key[-1]).where(*rest).order_by(key[-1])
        end = self._connection.scalar(in_order.offset(SLICE).limit(1))
        if end is None:
            self._connection.execute(delete(table).where(*rest))
            self._next[table.name] = self._first(table, tuple_(*key) > tuple_(*first), key[0] <= task_id)
        else:
            self._connection.execute(delete(table).where(*rest, key[-1] < end))
            self._next[table.name] = (*names, end)
        return True

    def _first(self, table: Table, *where: ColumnElement[bool]) -> tuple[Any, ...] | None:
        key = _key(table)
        row = self._connection.execute(select(*key).where(*where).order_by(*key).limit(1)).first()
        return None if row is None else tuple(row)


def _key(table: Table) -> Sequence[Column[Any]]:
    """Return the columns of an index of `table`, whole, that begins with the task."""
    return [table.c.task_id, *(column for column in table.primary_key if column.name != "task_id")]
