"""Tracked tasks: how they stand, and the lines of their logs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from trainwatch.domain.tracked.course import moment_text
from trainwatch.domain.tracked.files import files_of
from trainwatch.domain.tracked.progress import RECENT_EVENTS, ExecutionEvent, TaskProgress
from trainwatch.domain.tracked.state import files_in, lacks_files, progress_from
from trainwatch.domain.tracked.told import Standing
from trainwatch.store.tables import TASK_EVENTS, TASK_PROGRESS, TASKS
from trainwatch.store.tasks import ACTIVE, LIVING


@dataclass(frozen=True, slots=True)
class TrackedTask:
    """How the `attempt` of a task stands that was tracked last."""

    task_id: int
    attempt: int
    progress: TaskProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: those of a type, and those after or before one by its number, it not among them."""

    type: str | None = None
    after: int | None = None
    before: int | None = None


EVERY = EventFilter()


def find_tracked(
    connection: Connection, task_id: int, *, events: int | None = RECENT_EVENTS, all_files: bool = True
) -> TrackedTask | None:
    """Return how a task stands, with its last `events` (None: all of them); None if nobody tracks it.

    Where there are many files, to find all of them takes as long as it has had actions.
    """
    columns = TASK_PROGRESS.c
    query = select(columns.task_id, columns.attempt, columns.state).where(columns.task_id == task_id)
    row = connection.execute(query).first()
    return None if row is None else _with_events(connection, row, events, all_files=all_files)


def find_tracked_named(
    connection: Connection, external_id: str, *, events: int | None = RECENT_EVENTS, all_files: bool = True
) -> TrackedTask | None:
    """Return how the task stands that its tracker knows as `external_id`, as `find_tracked` does."""
    query = select(TASKS.c.id).where(TASKS.c.external_id == external_id, LIVING)
    task_id: int | None = connection.scalar(query)
    if task_id is None:
        return None
    return find_tracked(connection, task_id, events=events, all_files=all_files)


def list_active(connection: Connection) -> list[TrackedTask]:
    """Return the tracked tasks that have not ended, the first one first, with all of their files."""
    rows = connection.execute(_active()).all()
    return [_with_events(connection, row, RECENT_EVENTS) for row in rows]


def list_standings(connection: Connection) -> list[Standing]:
    """Return how the tracked tasks stand that have not ended, the first one first, however many files they have."""
    return [_standing(connection, row) for row in connection.execute(_active()).all()]


def list_standings_named(connection: Connection, names: Collection[str]) -> list[Standing]:
    """Return how the tasks stand that their trackers know as one of `names`, in the order of their names."""
    query = _tasks_tracked().where(TASKS.c.external_id.in_(names), LIVING)
    found = [_standing(connection, row) for row in connection.execute(query).all()]
    return sorted(found, key=lambda each: each.progress.task_id)


def list_execution_events(
    connection: Connection,
    task_id: int,
    attempt: int,
    *,
    wanted: EventFilter = EVERY,
    limit: int | None = None,
) -> list[tuple[int, ExecutionEvent]]:
    """Return events of one attempt with their numbers, in order: the first ones after one, else the last ones."""
    columns = TASK_EVENTS.c
    query = select(columns.id, columns.created_at, columns.kind, columns.message, columns.details).where(
        _in_log(task_id, attempt)
    )
    if wanted.type is not None:
        query = query.where(columns.kind == wanted.type)
    if wanted.before is not None:
        query = query.where(columns.id < wanted.before)
    if wanted.after is not None:
        query = query.where(columns.id > wanted.after).order_by(columns.id)
        return [_event(row) for row in connection.execute(query.limit(limit))]
    rows = connection.execute(query.order_by(columns.id.desc()).limit(limit)).all()
    return [_event(row) for row in reversed(rows)]


def count_events(connection: Connection, task_id: int, attempt: int, *, type: str) -> int:
    """Return how many events of a type one attempt has had."""
    query = select(func.count()).where(_in_log(task_id, attempt), TASK_EVENTS.c.kind == type)
    return connection.scalar(query) or 0


def overdue_tasks(connection: Connection, *, now: datetime, limit: int) -> Sequence[int]:
    """Return the tracked tasks whose time is up, while it is not known of them."""
    query = select(TASK_PROGRESS.c.task_id).where(TASK_PROGRESS.c.overdue_at <= now)
    return connection.scalars(query.order_by(TASK_PROGRESS.c.overdue_at).limit(limit)).all()


def _tasks_tracked() -> Select[int, int, str]:
    columns = TASK_PROGRESS.c
    query = select(columns.task_id, columns.attempt, columns.state)
    return query.join(TASKS, TASKS.c.id == columns.task_id).order_by(columns.task_id)


def _active() -> Select[int, int, str]:
    return _tasks_tracked().where(TASKS.c.training_status.in_([status.value for status in ACTIVE]), LIVING)


def _standing(connection: Connection, row: Sequence[Any]) -> Standing:
    task_id, attempt, text = row
    state = orjson.loads(text)
    events = list_execution_events(connection, task_id, attempt, limit=RECENT_EVENTS)
    return Standing(progress_from(state, [event for _, event in events]), files_in(state))


def _in_log(task_id: int, attempt: int) -> ColumnElement[bool]:
    """Return what is true of the events of an attempt; the other lines of its history have no details."""
    columns = TASK_EVENTS.c
    return and_(columns.task_id == task_id, columns.attempt == attempt, columns.details.is_not(None))


def _with_events(
    connection: Connection, row: Sequence[Any], limit: int | None, *, all_files: bool = True
) -> TrackedTask:
    task_id, attempt, text = row
    state = orjson.loads(text)
    events = [event for _, event in list_execution_events(connection, task_id, attempt, limit=limit)]
    files = _files(connection, task_id, attempt) if all_files and lacks_files(state) else None
    return TrackedTask(task_id, attempt, progress_from(state, events, files))


def _files(connection: Connection, task_id: int, attempt: int) -> tuple[list[str], list[str]]:
    actions = list_execution_events(connection, task_id, attempt, wanted=EventFilter(type="action"))
    return files_of(event.details for _, event in actions)


def _event(row: Sequence[Any]) -> tuple[int, ExecutionEvent]:
    number, at, kind, message, details = row
    return number, ExecutionEvent(moment_text(at), kind, message, orjson.loads(details))
