"""A report: what one POST says about a task, strict and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from trainwatch.domain.progress import Progress
from trainwatch.domain.status import Status, TaskType


class Point(NamedTuple):
    """One value of one series; `step` None means "the next one".

    Exactly one of `value` (finite) and `flag` ("nan", "inf", "-inf") is set.
    A tuple, because every report makes several: a frozen dataclass takes three times as long.
    """

    name: str
    value: float | None
    step: int | None = None
    epoch: int | None = None
    flag: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Many points of one series in step order; `values[i]` None with a flag in `flags[i]`.

    No steps at all means "the next ones".
    """

    name: str
    steps: tuple[int, ...]
    values: tuple[float | None, ...]
    flags: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """What a report says of its GPU; None means not said."""

    utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one POST says of a task; None means not said.

    `name` is the name the reporter calls the task by; `title` what people should read.
    `at` is the reporter's own time. `source` is how a task came to be known that this report makes.
    """

    name: str | None = None
    source: str = "webhook"
    title: str | None = None
    overwrite_title: bool = False
    run_id: str | None = None
    task_id: int | None = None
    attempt: int | None = None
    gpu_name: str | None = None
    host: str | None = None
    type: TaskType | None = None
    status: Status | None = None
    starts: bool = False
    message: str | None = None
    progress: Progress | None = None
    current_epoch: int | None = None
    total_epochs: int | None = None
    current_step: int | None = None
    total_steps: int | None = None
    eta_seconds: float | None = None
    points: tuple[Point, ...] = ()
    columns: tuple[Column, ...] = ()
    gpu: GpuReading | None = None
    event_id: str | None = None
    at: datetime | None = None

    @property
    def has_training_fields(self) -> bool:
        """Whether this says anything that only a running task can say."""
        return bool(
            self.points
            or self.columns
            or self.progress is not None
            or self.current_epoch is not None
            or self.total_epochs is not None
            or self.current_step is not None
            or self.total_steps is not None
            or self.eta_seconds is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A notification: something to read, about no task but that of a job whose own key sent it."""

    task_id: int | None = None
    title: str
    message: str | None = None
    level: str = "info"
    host: str | None = None
    event_id: str | None = None
    at: datetime | None = None
