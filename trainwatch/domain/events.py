"""What happened, as small frozen values: what the writer hands to the hub after each commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trainwatch.domain.credential import Credential
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.progress import ExecutionEvent, TaskProgress

PointRow = tuple[str, int, int | None, float | None, str | None, datetime]
"""A new point: series, step, epoch, value, flag and time; exactly one of value and flag is set."""


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task as it stands after a commit, and the points that came with it.

    `from_revision` is the revision before; whoever holds exactly that one misses nothing.
    `points` are those of the current attempt in the order they came; one may take the place of the last of its
    series. None when they are too many to carry, or one is before the last: fetch them.
    """

    task: Task
    from_revision: int
    points: Sequence[PointRow] | None


@dataclass(frozen=True, slots=True)
class TaskRemoved:
    """A task that is no longer there."""

    task_id: int


@dataclass(frozen=True, slots=True)
class GpuChanged:
    """A GPU that was found, or has news; the values are those of `store.gpus.Gpu`."""

    gpu: Any


@dataclass(frozen=True, slots=True)
class Notified:
    """A line for people: a toast in every open page and a row in the list.

    `level` is one of "info", "success", "warning", "error".
    """

    id: int
    level: str
    title: str
    message: str | None
    task_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CredentialChanged:
    """A user, session or key as it stands after a commit: made, used, revoked or removed.

    `is_use` if only the time was noted at which it was seen, `is_forgotten` if it has ended and nothing is kept of it.
    """

    credential: Credential
    is_use: bool = False
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True)
class LogGrown:
    """A job has printed: the log of that attempt is `size` bytes long now. What it printed is to be fetched."""

    task_id: int
    attempt: int
    size: int


@dataclass(frozen=True, slots=True)
class Tracked:
    """One change of a tracked task: how it stands after it, with its last events, and the `events` that it made."""

    task_id: int
    progress: TaskProgress
    events: tuple[ExecutionEvent, ...]


@dataclass(frozen=True, slots=True)
class Untracked:
    """A tracked task, known to its tracker as `name`, is no longer there."""

    task_id: int
    name: str


Event = TaskChanged | TaskRemoved | GpuChanged | Notified | CredentialChanged | LogGrown | Tracked | Untracked
