"""What became of a task: its attempts, and the lines of its history.

What the tracker of a task tells is a log of its own, see `store.tracked`, though it is in the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from trainwatch.domain.status import Status
from trainwatch.store.tables import JOB_ATTEMPTS, TASK_EVENTS


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One line of a task's history; `kind` is that of a `domain.task.Happening`.

    With `details` it is an `ExecutionEvent`, and `kind` the type of that.
    """

    id: int
    attempt: int
    kind: str
    message: str
    at: datetime
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of a task; `progress` (a fraction) is known once it has ended."""

    attempt: int
    status: Status
    status_reason: str | None
    progress: float | None
    exit_code: int | None
    rules: tuple[str, ...]
    started_at: datetime | None
    finished_at: datetime | None


def list_events(
    connection: Connection, task_id: int, *, limit: int, with_log: bool = False
) -> list[TaskEvent]:
    """Return the newest lines of a task's history, the newest first; `with_log` also those of its tracker."""
    columns = TASK_EVENTS.c
    query = (
        select(
            columns.id, columns.attempt, columns.kind, columns.message, columns.created_at, columns.details
        )
        .where(columns.task_id == task_id)
        .order_by(columns.id.desc())
        .limit(limit)
    )
    if not with_log:
        query = query.where(columns.details.is_(None))
    return [
        TaskEvent(*row[:-1], details=None if row.details is None else orjson.loads(row.details))
        for row in connection.execute(query)
    ]


def list_attempts(connection: Connection, task_id: int) -> list[Attempt]:
    """Return the attempts of a task, the first one first."""
    columns = JOB_ATTEMPTS.c
    query = select(JOB_ATTEMPTS).where(columns.task_id == task_id).order_by(columns.attempt)
    return [
        Attempt(
            row.attempt,
            Status(row.status),
            row.status_reason,
            row.progress,
            row.exit_code,
            tuple(row.rules.split(",")) if row.rules else (),
            row.started_at,
            row.finished_at,
        )
        for row in connection.execute(query)
    ]
