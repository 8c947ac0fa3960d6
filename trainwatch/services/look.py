"""Looking: what pages and programs read. Each call is one reading connection, on a thread of its own."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from trainwatch.domain.job import JobSpec
from trainwatch.domain.job_payload import payload_of
from trainwatch.domain.task import Task
from trainwatch.domain.turn import is_job
from trainwatch.errors import NotFoundError
from trainwatch.runners.base import AttemptKey
from trainwatch.services.tracking import detail_view
from trainwatch.services.views import (
    View,
    attempt_view,
    curve_view,
    event_view,
    gpu_view,
    notification_view,
    series_view,
    task_view,
)
from trainwatch.store.engine import Database
from trainwatch.store.gpus import Gpu, list_gpus
from trainwatch.store.history import list_attempts, list_events
from trainwatch.store.jobs import count_jobs, find_job, list_jobs
from trainwatch.store.notifications import list_notifications
from trainwatch.store.series import CurveQuery, list_series, metric_rows, read_curve, sparklines
from trainwatch.store.tasks import TaskFilter, find_task, list_tasks, tasks_on_gpus
from trainwatch.store.tracked import count_events, find_tracked

NOTIFICATIONS_SHOWN = 50
EVENTS_SHOWN = 200
MOST_ON_CARD = 20
"""How many of a GPU's tasks its card names."""


def overview(
    database: Database, wanted: TaskFilter, *, now: datetime, sort: str, limit: int, offset: int
) -> View:
    """Return a page of tasks as of `now` with what stands around it: counts, GPUs and notifications."""
    with database.reading() as connection:
        page = list_tasks(connection, wanted, now=now, sort=sort, limit=limit, offset=offset)
        gpus = {gpu.id: gpu for gpu in list_gpus(connection)}
        sparks = sparklines(connection, page.tasks)
        rows = [{**_row(task, gpus), "spark": sparks.get(task.id, [])} for task in page.tasks]
        return {
            "tasks": rows,
            "total": page.total,
            "counts": page.counts,
            "archived": page.archived,
            "gpus": _gpu_cards(gpus, tasks_on_gpus(connection, at_most=MOST_ON_CARD)),
            "notifications": [
                notification_view(note) for note in list_notifications(connection, limit=NOTIFICATIONS_SHOWN)
            ],
        }


def task_whole(database: Database, task_id: int) -> View:
    """Return a task with its history, attempts and series, and how it stands if it is tracked.

    Raises:
        NotFoundError: If there is no such task.
    """
    with database.reading() as connection:
        task = _task(connection, task_id)
        gpus = {gpu.id: gpu for gpu in list_gpus(connection)}
        spec = find_job(connection, task_id) if is_job(task) else None
        return {
            **_row(task, gpus),
            "job": None if spec is None else payload_of(spec),
            "tracked": _tracked(connection, task),
            "notes": task.notes,
            "spark": sparklines(connection, [task]).get(task_id, []),
            "events": [event_view(each) for each in list_events(connection, task_id, limit=EVENTS_SHOWN)],
            "attempts": [attempt_view(each) for each in list_attempts(connection, task_id)],
            "series": [series_view(each) for each in list_series(connection, task_id)],
        }


def _tracked(connection: Connection, task: Task) -> View | None:
    tracked = find_tracked(connection, task.id)
    if tracked is None:
        return None
    return {
        **detail_view(task, tracked),
        "errors": count_events(connection, task.id, tracked.attempt, type="error"),
    }


def jobs(database: Database, *, limit: int, offset: int) -> View:
    """Return a page of jobs, the newest first, each with how it is launched; `total` counts all of them."""
    with database.reading() as connection:
        gpus = {gpu.id: gpu for gpu in list_gpus(connection)}
        found = list_jobs(connection, limit=limit, offset=offset)
        return {
            "jobs": [{**_row(task, gpus), "job": payload_of(spec)} for task, spec in found],
            "total": count_jobs(connection),
        }


def job_whole(database: Database, task_id: int) -> View:
    """Return a job: a task with all that is known of it, and how it is launched.

    Raises:
        NotFoundError: If there is no such job.
    """
    job_spec(database, task_id)
    return task_whole(database, task_id)


def job_spec(database: Database, task_id: int) -> JobSpec:
    """Return how a job is launched.

    Raises:
        NotFoundError: If there is no such job.
    """
    with database.reading() as connection:
        spec = find_job(connection, task_id)
    if spec is None:
        raise NotFoundError(f"there is no job {task_id}", field="id")
    return spec


class LogPlace(NamedTuple):
    """Which attempt's log it is, and by which rules what it says is understood."""

    is_of_job: bool
    key: AttemptKey
    rules: list[str]


def log_place(database: Database, task_id: int, attempt: int | None) -> LogPlace:
    """Return where the log of an attempt of a task is; of the current one unless `attempt` says another.

    Raises:
        NotFoundError: If there is no such task or attempt.
    """
    with database.reading() as connection:
        task = _task(connection, task_id)
        attempt = attempt or task.attempt
        if attempt > task.attempt:
            raise NotFoundError(f"it has had no attempt {attempt}", field="attempt")
        rules = (each.rules for each in list_attempts(connection, task_id) if each.attempt == attempt)
        return LogPlace(is_job(task), AttemptKey(task_id, attempt), list(next(rules, ())))


def task_only(database: Database, task_id: int) -> Task | None:
    """Return the task of that id."""
    with database.reading() as connection:
        return find_task(connection, task_id)


def metrics(database: Database, task_id: int) -> list[dict[str, Any]]:
    """Return {step, epoch, loss, accuracy} for each step of the current attempt, in order.

    Raises:
        NotFoundError: If there is no such task.
    """
    with database.reading() as connection:
        task = _task(connection, task_id)
        return metric_rows(connection, task_id, task.attempt)


def curve(database: Database, task_id: int, query: CurveQuery) -> View:
    """Return one series reduced to what a screen can show.

    Raises:
        NotFoundError: If there is no such task.
    """
    with database.reading() as connection:
        task = _task(connection, task_id)
        attempt = query.attempt or task.attempt
        reading = read_curve(connection, task_id, attempt, query)
        return {
            "name": query.name,
            "attempt": attempt,
            "revision": task.revision,
            "level": reading.level,
            "reduced": reading.level > 0,
            "firstStep": reading.first_step,
            "lastStep": reading.last_step,
            **curve_view(reading.curve),
        }


def gpus_by_id(database: Database) -> dict[int, Gpu]:
    """Return every GPU."""
    with database.reading() as connection:
        return {gpu.id: gpu for gpu in list_gpus(connection)}


def _task(connection: Connection, task_id: int) -> Task:
    task = find_task(connection, task_id)
    if task is None:
        raise NotFoundError(f"there is no task {task_id}", field="id")
    return task


def _row(task: Task, gpus: dict[int, Gpu]) -> View:
    return task_view(task, gpus.get(task.gpu_id) if task.gpu_id is not None else None)


def _gpu_cards(gpus: dict[int, Gpu], running: Iterable[Task]) -> list[View]:
    on_gpu: defaultdict[int | None, list[Task]] = defaultdict(list)
    for task in running:
        on_gpu[task.gpu_id].append(task)
    return [gpu_view(gpu, on_gpu[gpu.id]) for gpu in gpus.values()]
