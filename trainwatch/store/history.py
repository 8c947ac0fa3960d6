"""What became of a task: its attempts, and the lines of its history."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from trainwatch.domain.status import Status
from trainwatch.store.tables import JOB_ATTEMPTS, TASK_EVENTS


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One line of a task's history; `kind` is that of a `domain.task.Happening`."""

    id: int
    attempt: int
    kind: str
    message: str
    at: datetime


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


def list_events(connection: Connection, task_id: int, *, limit: int) -> list[TaskEvent]:
    """Return the newest lines of a task's history, the newest first."""
    columns = TASK_EVENTS.c
    query = (
        select(columns.id, columns.attempt, columns.kind, columns.message, columns.created_at)
        .where(columns.task_id == task_id)
        .order_by(columns.id.desc())
        .limit(limit)
    )
    return [TaskEvent(*row) for row in connection.execute(query)]


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
