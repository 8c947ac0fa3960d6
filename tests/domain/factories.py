"""Values to start from; each test says only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from trainwatch.domain.apply import Applied, apply, open_task
from trainwatch.domain.progress import parse_progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.task import Task

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the moment `seconds` after `NOW`."""
    return NOW + timedelta(seconds=seconds)


def make_task(**facts: Any) -> Task:
    """Return a running task that was heard of at `NOW`."""
    defaults = {"id": 7, "title": "bert", "reported_name": "bert", "created_at": NOW, "last_updated": NOW}
    return Task(**{**defaults, "started_at": NOW, **facts})


def make_report(*, progress: object = None, **facts: Any) -> Report:
    """Return a report of the task "bert", its progress as a sender would write it."""
    parsed = None if progress is None else parse_progress(progress)
    return Report(**{"name": "bert", "progress": parsed, **facts})


def opened(*, seconds: float = 0, **facts: Any) -> Task:
    """Return the task that such a first report makes."""
    task, _ = open_task(make_report(**facts), id=7, gpu_id=None, now=at(seconds))
    return task


def after(task: Task, *, seconds: float = 1, gpu_id: int | None = None, **facts: Any) -> Applied:
    """Return what such a report does to `task`, `seconds` after the last that it was heard of."""
    now = task.last_updated + timedelta(seconds=seconds)
    return apply(task, make_report(**facts), now=now, gpu_id=gpu_id)


def kinds(applied: Applied) -> list[str]:
    """Return what kinds of things happened."""
    return [happening.kind for happening in applied.happenings]


def loss(value: float | None, step: int | None = None, flag: str | None = None) -> tuple[Point]:
    """Return one point of the loss."""
    return (Point("loss", value, step, flag=flag),)
