"""Tasks, GPUs and notifications as programs and pages get them: JSON-ready, camelCase, times in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from trainwatch.domain.curve import Curve
from trainwatch.domain.events import Notified, PointRow
from trainwatch.domain.latest import is_finite
from trainwatch.domain.liveness import lost_after, silent_after
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.domain.turn import is_job, is_waiting
from trainwatch.store.gpus import Gpu
from trainwatch.store.history import Attempt, TaskEvent
from trainwatch.store.series import Series

GPU_NEWS_LASTS = timedelta(seconds=120)

View = dict[str, Any]


def time_text(at: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with milliseconds, ending in Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_ms(at: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def task_view(task: Task, gpu: Gpu | None) -> View:
    """Return a task as one row of a list."""
    is_running = task.training_status is Status.RUNNING
    return {
        "id": task.id,
        "revision": task.revision,
        "title": task.title,
        "titleByUser": task.title_by_user,
        "reportedName": task.reported_name,
        "runId": task.external_id,
        "type": task.type.value,
        "source": task.source,
        "status": task.training_status.value,
        "statusReason": task.status_reason,
        "message": task.message,
        "gpu": None if gpu is None else {"id": gpu.id, "name": gpu.name, "host": gpu.host},
        "attempt": task.attempt,
        "progress": task.progress,
        "currentEpoch": task.current_epoch,
        "totalEpochs": task.total_epochs,
        "currentStep": task.current_step,
        "totalSteps": task.total_steps,
        "etaSeconds": task.eta_seconds,
        "metrics": {name: value if is_finite(value) else None for name, value in task.latest.items()},
        "nonfinite": {name: value or "nan" for name, value in task.latest.items() if not is_finite(value)},
        "tags": list(task.tags),
        "isJob": is_job(task),
        "isWaiting": is_waiting(task),
        "stopRequested": task.stop_requested_at is not None,
        "stopStage": task.stop_stage,
        "stopStageEndsAt": time_text(task.stop_stage_ends_at),
        "archivedAt": time_text(task.archived_at),
        "createdAt": time_text(task.created_at),
        "startedAt": time_text(task.started_at),
        "finishedAt": time_text(task.finished_at),
        "lastUpdated": time_text(task.last_updated),
        "silentAfterAt": time_text(silent_after(task.last_updated, task.rhythm)) if is_running else None,
        "lostAfterAt": time_text(lost_after(task.last_updated, task.rhythm)) if is_running else None,
        "expectedSeconds": task.rhythm.expected_seconds,
    }


def gpu_view(gpu: Gpu, tasks: Iterable[Task]) -> View:
    """Return a GPU as a card, with the `tasks` that run on it."""
    return {
        "id": gpu.id,
        "revision": gpu.revision,
        "name": gpu.name,
        "host": gpu.host,
        "uuid": gpu.uuid,
        "utilizationPercent": gpu.utilization_percent,
        "memoryUsedBytes": gpu.memory_used_bytes,
        "memoryTotalBytes": gpu.memory_total_bytes,
        "temperatureCelsius": gpu.temperature_celsius,
        "powerWatts": gpu.power_watts,
        "sampledAt": time_text(gpu.sampled_at),
        "staleAfterAt": time_text(gpu.sampled_at + GPU_NEWS_LASTS) if gpu.sampled_at else None,
        "tasks": [_task_on_gpu(task) for task in tasks],
    }


def _task_on_gpu(task: Task) -> View:
    silent_at = silent_after(task.last_updated, task.rhythm)
    return {
        "id": task.id,
        "title": task.title,
        "status": task.training_status.value,
        "silentAfterAt": time_text(silent_at),
    }


def notification_view(note: Notified) -> View:
    """Return a notification."""
    return {
        "id": note.id,
        "level": note.level,
        "title": note.title,
        "message": note.message,
        "taskId": note.task_id,
        "createdAt": time_text(note.at),
    }


def event_view(event: TaskEvent) -> View:
    """Return a line of a task's history."""
    return {
        "id": event.id,
        "attempt": event.attempt,
        "kind": event.kind,
        "message": event.message,
        "createdAt": time_text(event.at),
    }


def attempt_view(attempt: Attempt) -> View:
    """Return an attempt of a task."""
    return {
        "attempt": attempt.attempt,
        "status": attempt.status.value,
        "statusReason": attempt.status_reason,
        "progress": attempt.progress,
        "exitCode": attempt.exit_code,
        "rules": list(attempt.rules),
        "startedAt": time_text(attempt.started_at),
        "finishedAt": time_text(attempt.finished_at),
    }


def series_view(series: Series) -> View:
    """Return what there is of a series, without its points."""
    return {
        "name": series.name,
        "attempt": series.attempt,
        "points": series.points,
        "lastStep": series.last_step,
        "lastValue": series.last_value,
    }


def points_view(points: Iterable[PointRow]) -> dict[str, View]:
    """Return new points by series, parallel lists in the order they came."""
    series: dict[str, View] = {}
    for name, step, epoch, value, flag, at in points:
        columns = series.get(name)
        if columns is None:
            columns = series[name] = {"steps": [], "values": [], "epochs": [], "times": [], "flags": {}}
        columns["steps"].append(step)
        columns["values"].append(value)
        columns["epochs"].append(epoch)
        columns["times"].append(time_ms(at))
        if flag is not None:
            columns["flags"][str(step)] = flag
    return series


def curve_view(curve: Curve) -> View:
    """Return a drawn curve: parallel lists in step order; a value that is null is a gap."""
    return {
        "steps": curve.steps,
        "values": [None if value is None else float(f"{value:.7g}") for value in curve.values],
        "epochs": curve.epochs,
        "times": curve.times,
        "flags": {str(step): flag for step, flag in curve.flags.items()},
    }
