"""Tasks: to and from rows, one by id, and the list as the dashboard wants it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select

from trainwatch.domain.liveness import Liveness, Rhythm, lost_deadline
from trainwatch.domain.pace import Pace
from trainwatch.domain.status import Status, TaskType
from trainwatch.domain.task import Task
from trainwatch.store.tables import DELETED_TASKS, TASKS

LARGEST_ID = 2**31 - 1
"""The largest id that a task can have: the column is an INTEGER, which PostgreSQL takes at its word."""

LIVING = TASKS.c.id.not_in(select(DELETED_TASKS.c.task_id))
"""What every query of tasks asks for: a deleted one is no task, whatever is left of it."""

_IDS_AT_ONCE = 500

ACTIVE = (Status.RUNNING, Status.PAUSED, Status.QUEUED)

LOST = Liveness.LOST.value
UNENDED = (*(status.value for status in ACTIVE), LOST)
"""The states in a list of all tasks that have not ended."""

LISTED_STATES = (*(status.value for status in Status), LOST)
"""The states by which lists tell tasks apart: a running task that is lost is `lost` and not `running`."""

_DERIVED = "lost_after_at"
_COLUMNS = tuple(TASKS.c.keys())
_status = TASKS.c.training_status
_is_running = _status == Status.RUNNING.value
_SEARCHED = (TASKS.c.title, TASKS.c.reported_name, TASKS.c.tags)
_NEWEST = TASKS.c.last_updated.desc()
# By what no report moves, so that rows do not change places beneath a reader's eyes.
_LAST_ENDED = TASKS.c.finished_at.desc().nulls_last()
_LAST_STARTED = func.coalesce(TASKS.c.started_at, TASKS.c.created_at).desc()
_ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "running": (_LAST_ENDED, _LAST_STARTED),
    "updated": (_NEWEST,),
    "created": (TASKS.c.created_at.desc(),),
    "title": (func.lower(TASKS.c.title),),
    "progress": (TASKS.c.progress.desc().nulls_last(),),
    "eta": (TASKS.c.eta_seconds.asc().nulls_last(),),
}
SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks. `text` is looked for in titles, reported names and tags, in any case.

    `states` are of `LISTED_STATES`; None means any. Archived tasks are a list of their own.
    """

    text: str = ""
    states: Sequence[str] | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some tasks in order, how many match in all, and how many match the text in each of `LISTED_STATES`.

    `archived` is how many archived tasks match the text, whether they are asked for or not.
    """

    tasks: list[Task]
    total: int
    counts: dict[str, int]
    archived: int


def find_task(connection: Connection, task_id: int) -> Task | None:
    """Return the task of that id."""
    if not 0 < task_id <= LARGEST_ID:
        return None
    row = connection.execute(select(TASKS).where(TASKS.c.id == task_id, LIVING)).first()
    return None if row is None else task_from_row(row)


def retimed_tasks(connection: Connection, *, now: datetime, with_live: bool) -> Sequence[int]:
    """Return the tasks that were heard after `now`, and those too that have not ended."""
    is_meant = TASKS.c.last_updated > now
    if with_live:
        is_meant = or_(is_meant, TASKS.c.training_status.in_([status.value for status in ACTIVE]))
    return connection.scalars(select(TASKS.c.id).where(is_meant, LIVING)).all()


def living_among(connection: Connection, task_ids: Iterable[int]) -> set[int]:
    """Return those of the ids that are of tasks which are there."""
    wanted, found = sorted(task_id for task_id in task_ids if task_id <= LARGEST_ID), set[int]()
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = TASKS.c.id.in_(wanted[start : start + _IDS_AT_ONCE])
        found.update(connection.scalars(select(TASKS.c.id).where(some, LIVING)))
    return found


def tasks_on_gpus(connection: Connection, *, at_most: int) -> list[Task]:
    """Return the tasks that run on each GPU, those reported last and `at_most` of them a GPU."""
    rank = func.row_number().over(partition_by=TASKS.c.gpu_id, order_by=(_NEWEST, TASKS.c.id))
    running = (TASKS.c.training_status == Status.RUNNING.value, TASKS.c.gpu_id.is_not(None))
    shown = (TASKS.c.archived_at.is_(None), LIVING)
    ranked = select(TASKS.c.id, rank.label("rank")).where(*running, *shown).subquery()
    chosen = select(ranked.c.id).where(ranked.c.rank <= at_most)
    query = select(TASKS).where(TASKS.c.id.in_(chosen)).order_by(_NEWEST, TASKS.c.id)
    return [task_from_row(row) for row in connection.execute(query)]


def tasks_tagged(connection: Connection, tag: str, *, source: str, limit: int) -> list[Task]:
    """Return the newest tasks of `source`, archived ones too, among whose tags is `tag`."""
    query = select(TASKS).where(TASKS.c.source == source, TASKS.c.tags.contains(tag, autoescape=True), LIVING)
    found = [task_from_row(row) for row in connection.execute(query.order_by(TASKS.c.id.desc()).limit(limit))]
    return [task for task in found if tag in task.tags]


def list_tasks(
    connection: Connection,
    wanted: TaskFilter,
    *,
    now: datetime,
    sort: str = "running",
    limit: int = 100,
    offset: int = 0,
) -> TaskPage:
    """Return a page of the tasks that are wanted, as lists have them at `now`; `sort` is one of `SORTS`."""
    counts = count_tasks(connection, wanted, now=now)
    archived = counts if wanted.archived else count_tasks(connection, replace(wanted, archived=True), now=now)
    states = LISTED_STATES if wanted.states is None else wanted.states
    total = sum(counts[state] for state in set(states))
    first = (_running_first(now),) if sort == "running" else ()
    query = select(TASKS).where(*_conditions(wanted)).order_by(*first, *_ORDERS[sort], TASKS.c.id.desc())
    if wanted.states is not None:
        query = query.where(_is_in(wanted.states, now))
    rows = connection.execute(query.limit(limit).offset(offset))
    return TaskPage([task_from_row(row) for row in rows], total, counts, sum(archived.values()))


def count_tasks(connection: Connection, wanted: TaskFilter, *, now: datetime) -> dict[str, int]:
    """Return how many tasks are in each of `LISTED_STATES` at `now`, whatever states are wanted."""
    state = case((_is_lost(now), LOST), else_=_status).label("state")
    query = select(state, func.count()).where(*_conditions(wanted)).group_by(state)
    counts = dict.fromkeys(LISTED_STATES, 0)
    counts.update((found, count) for found, count in connection.execute(query))
    return counts


def _is_lost(now: datetime) -> ColumnElement[bool]:
    """Return what is true of a task that `domain.liveness` calls lost at `now`."""
    return and_(_is_running, TASKS.c.lost_after_at < now)


def _is_in(states: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Return what is true of a task that lists have in one of `states` at `now`."""
    plain = [state for state in states if state != LOST]
    if (Status.RUNNING.value in plain) == (LOST in states):
        return _status.in_(plain)
    if LOST in states:
        return or_(_status.in_(plain), _is_lost(now))
    return and_(_status.in_(plain), ~_is_lost(now))


def _running_first(now: datetime) -> ColumnElement[int]:
    """Return what comes first in a list: what is alive; and last, after what is lost, what has ended."""
    return case(
        (_is_lost(now), 3),
        (_is_running, 0),
        (_status == Status.PAUSED.value, 1),
        (_status == Status.QUEUED.value, 2),
        else_=4,
    )


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """Return what a task must meet, but for its state."""
    words = [
        or_(*(column.icontains(word, autoescape=True) for column in _SEARCHED))
        for word in wanted.text.split()
    ]
    archived_at = TASKS.c.archived_at
    return [archived_at.is_not(None) if wanted.archived else archived_at.is_(None), LIVING, *words]


def task_from_row(row: Row[Any]) -> Task:
    """Return the task in a row of `select(TASKS)`."""
    facts = dict(zip(_COLUMNS, row, strict=True))
    del facts[_DERIVED]
    facts["type"] = TaskType(facts["type"])
    facts["training_status"] = Status(facts["training_status"])
    tags = facts["tags"]
    facts["tags"] = tuple(orjson.loads(tags)) if tags else ()
    latest = facts["latest"]
    facts["latest"] = orjson.loads(latest) if latest else {}
    facts["pace"] = Pace.from_json(facts["pace"])
    facts["rhythm"] = Rhythm.from_json(facts["rhythm"])
    return Task(**facts)


def row_from_task(task: Task) -> dict[str, Any]:
    """Return the columns of `task`, its id among them."""
    return {
        "id": task.id,
        "title": task.title,
        "title_by_user": task.title_by_user,
        "reported_name": task.reported_name,
        "external_id": task.external_id,
        "type": task.type.value,
        "source": task.source,
        "gpu_id": task.gpu_id,
        "attempt": task.attempt,
        "progress": task.progress,
        "progress_in_percent": task.progress_in_percent,
        "current_epoch": task.current_epoch,
        "total_epochs": task.total_epochs,
        "current_step": task.current_step,
        "total_steps": task.total_steps,
        "eta_seconds": task.eta_seconds,
        "training_status": task.training_status.value,
        "status_reason": task.status_reason,
        "message": task.message,
        "revision": task.revision,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "last_updated": task.last_updated,
        "start_requested_at": task.start_requested_at,
        "stop_requested_at": task.stop_requested_at,
        "stop_stage": task.stop_stage,
        "stop_stage_ends_at": task.stop_stage_ends_at,
        "archived_at": task.archived_at,
        "tags": orjson.dumps(task.tags).decode() if task.tags else None,
        "notes": task.notes,
        "latest": orjson.dumps(dict(task.latest)).decode() if task.latest else None,
        "pace": task.pace.to_json(),
        "rhythm": task.rhythm.to_json(),
        _DERIVED: lost_deadline(task),
    }
