"""How changed tasks are written: mostly only what every report moves, seldom the whole row."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Column, Connection, bindparam, update

from trainwatch.domain.liveness import lost_deadline
from trainwatch.domain.task import Task
from trainwatch.store.bulk import Bulk
from trainwatch.store.columns import UtcDateTime
from trainwatch.store.tables import TASKS
from trainwatch.store.tasks import row_from_task

# SQLite rewrites every index that an UPDATE names a column of, whether it changes or not: none of these has one.
_PULSE = (
    "progress",
    "progress_in_percent",
    "current_epoch",
    "total_epochs",
    "current_step",
    "total_steps",
    "eta_seconds",
    "message",
    "revision",
    "last_updated",
    "latest",
    "pace",
    "rhythm",
    "lost_after_at",
)
_ALL = tuple(column.name for column in TASKS.columns if column.name != "id")
_TIMES = tuple(column.name for column in TASKS.columns if isinstance(column.type, UtcDateTime))
_rest_of = attrgetter(*(name for name in _ALL if name not in _PULSE))


class TaskUpdates:
    """The two statements, prepared for one kind of database."""

    def __init__(self, dialect: str) -> None:
        """Prepare for `dialect`."""
        self._pulse = _bulk(_PULSE, dialect)
        self._whole = _bulk(_ALL, dialect)

    def run(self, connection: Connection, changes: Iterable[tuple[Task | None, Task]]) -> None:
        """Write each task as it stands after the one before; None before means that all of it may be new."""
        pulses: list[tuple[Any, ...]] = []
        wholes: list[tuple[Any, ...]] = []
        for before, task in changes:
            if before is not None and _rest_of(before) == _rest_of(task):
                pulses.append(self._pulse_of(task))
            else:
                wholes.append(self._whole_of(task))
        self._pulse.run(connection, pulses)
        self._whole.run(connection, wholes)

    def _pulse_of(self, task: Task) -> tuple[Any, ...]:
        return (
            task.progress,
            task.progress_in_percent,
            task.current_epoch,
            task.total_epochs,
            task.current_step,
            task.total_steps,
            task.eta_seconds,
            task.message,
            task.revision,
            self._pulse.time(task.last_updated),
            orjson.dumps(task.latest).decode() if task.latest else None,
            task.pace.to_json(),
            task.rhythm.to_json(),
            self._pulse.time(lost_deadline(task)),
            task.id,
        )

    def _whole_of(self, task: Task) -> tuple[Any, ...]:
        row = row_from_task(task)
        for name in _TIMES:
            row[name] = self._whole.time(row[name])
        return (*(row[name] for name in _ALL), task.id)


def _bulk(columns: tuple[str, ...], dialect: str) -> Bulk:
    """Return the UPDATE of `columns`; a row of it is their values and then the id."""
    statement = update(TASKS).where(TASKS.c.id == bindparam("task_id"))
    values: list[tuple[Column[Any], Any]] = [(TASKS.c[name], bindparam(name)) for name in columns]
    bulk = Bulk(statement.ordered_values(*values), dialect)
    assert bulk.columns == (*columns, "task_id"), bulk.columns
    return bulk
