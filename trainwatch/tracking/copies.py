"""Copies of progress: what somebody does to one changes nothing else."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace

from trainwatch.domain.tracked.progress import ExecutionEvent, TaskProgress


def copy_of(progress: TaskProgress, events: Iterable[ExecutionEvent] | None = None) -> TaskProgress:
    """Return a copy of `progress`, with other `events` if they are given."""
    events = progress.events if events is None else events
    return replace(
        progress,
        files_created=list(progress.files_created),
        files_modified=list(progress.files_modified),
        criteria=list(progress.criteria),
        limits_reached=list(progress.limits_reached),
        events=[replace(event, details=deepcopy(event.details)) for event in events],
    )
