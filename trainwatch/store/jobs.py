"""The launch specifications of jobs, and which of them wait, run or have run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from trainwatch.domain.job import JobSpec, columns_of, from_columns
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.store.tables import JOB_ATTEMPTS, TASKS, TRAINING_JOBS
from trainwatch.store.tasks import LARGEST_ID, LIVING, task_from_row

_JOB_COLUMNS = tuple(TRAINING_JOBS.c.keys())
_LISTED = (TASKS.c.archived_at.is_(None), LIVING)


def add_job(connection: Connection, task: Task, spec: JobSpec, *, now: datetime) -> None:
    """Insert the specification of the job that `task` is."""
    row = {**columns_of(spec), "status": task.training_status.value, "created_at": now, "updated_at": now}
    connection.execute(insert(TRAINING_JOBS).values(id=task.id, **row))


def note_status(connection: Connection, tasks: Sequence[Task], *, now: datetime) -> None:
    """Let the jobs among `tasks` have the state of their task."""
    for task in tasks:
        status = {"status": task.training_status.value, "updated_at": now}
        connection.execute(update(TRAINING_JOBS).where(TRAINING_JOBS.c.id == task.id).values(status))


def find_job(connection: Connection, task_id: int) -> JobSpec | None:
    """Return how the task of that id is launched; None if it is no job."""
    if not 0 < task_id <= LARGEST_ID:
        return None
    row = connection.execute(select(TRAINING_JOBS).where(TRAINING_JOBS.c.id == task_id)).first()
    return None if row is None else _spec(row)


def list_jobs(connection: Connection, *, limit: int, offset: int = 0) -> list[tuple[Task, JobSpec]]:
    """Return jobs that are not archived, the newest first."""
    query = (
        select(TASKS, TRAINING_JOBS)
        .join(TRAINING_JOBS, TRAINING_JOBS.c.id == TASKS.c.id)
        .where(*_LISTED)
        .order_by(TASKS.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_pair(row) for row in connection.execute(query)]


def count_jobs(connection: Connection) -> int:
    """Return how many jobs are not archived."""
    query = select(func.count()).join_from(TASKS, TRAINING_JOBS, TRAINING_JOBS.c.id == TASKS.c.id)
    return connection.scalar(query.where(*_LISTED)) or 0


def waiting_jobs(connection: Connection) -> list[tuple[Task, JobSpec]]:
    """Return the jobs that wait for their turn, in its order."""
    asked = TASKS.c.start_requested_at
    return _in_state(connection, Status.QUEUED, asked.is_not(None), order=(asked, TASKS.c.id))


def running_jobs(connection: Connection) -> list[tuple[Task, JobSpec]]:
    """Return the jobs that run, as far as the database knows."""
    return _in_state(connection, Status.RUNNING, order=(TASKS.c.id,))


def stops_asked(connection: Connection) -> dict[int, str]:
    """Return the jobs that run whose runners were asked to stop them, each with who asked."""
    columns = JOB_ATTEMPTS.c
    is_present = (TASKS.c.id == columns.task_id) & (TASKS.c.attempt == columns.attempt)
    query = (
        select(columns.task_id, columns.stop_asked_by)
        .join(TASKS, is_present)
        .where(TASKS.c.training_status == Status.RUNNING.value, columns.stop_asked_by.is_not(None))
    )
    return {row.task_id: row.stop_asked_by for row in connection.execute(query)}


def _in_state(
    connection: Connection, status: Status, *conditions: Any, order: Any
) -> list[tuple[Task, JobSpec]]:
    query = (
        select(TASKS, TRAINING_JOBS)
        .join(TRAINING_JOBS, TRAINING_JOBS.c.id == TASKS.c.id)
        .where(TASKS.c.training_status == status.value, LIVING, *conditions)
        .order_by(*order)
    )
    return [_pair(row) for row in connection.execute(query)]


def _pair(row: Any) -> tuple[Task, JobSpec]:
    width = len(TASKS.c)
    return task_from_row(row[:width]), _spec(row[width:])


def _spec(row: Any) -> JobSpec:
    return from_columns(dict(zip(_JOB_COLUMNS, row, strict=True)))
