"""A task as one immutable value, and what can happen to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from trainwatch.domain.liveness import Rhythm
from trainwatch.domain.pace import Pace
from trainwatch.domain.status import Status, TaskType

Latest = float | str | None
"""A finite value, or the flag of one that is not; None of such a one that was kept without its flag."""


@dataclass(frozen=True, kw_only=True)  # without slots, for `replaced`
class Task:
    """Anything watched; None means unknown.

    `progress` is a fraction in [0, 1]. `eta_seconds` (>= 0) holds as of `last_updated`, the
    server's time of the last report. `stop_stage` says how far a job that is being stopped has come:
    "interrupting", "terminating" or "killing". `latest` holds the newest value of the main series.
    `revision` rises with each commit that changes the task.
    """

    id: int
    title: str
    created_at: datetime
    last_updated: datetime
    title_by_user: bool = False
    reported_name: str | None = None
    external_id: str | None = None
    type: TaskType = TaskType.TRAINING
    source: str = "webhook"
    gpu_id: int | None = None
    attempt: int = 1
    progress: float | None = None
    progress_in_percent: bool | None = None
    current_epoch: int | None = None
    total_epochs: int | None = None
    current_step: int | None = None
    total_steps: int | None = None
    eta_seconds: float | None = None
    training_status: Status = Status.RUNNING
    status_reason: str | None = None
    message: str | None = None
    revision: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    start_requested_at: datetime | None = None
    stop_requested_at: datetime | None = None
    stop_stage: str | None = None
    stop_stage_ends_at: datetime | None = None
    archived_at: datetime | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    latest: Mapping[str, Latest] = field(default_factory=dict[str, Latest])
    pace: Pace = Pace()
    rhythm: Rhythm = Rhythm()

    @property
    def is_ended(self) -> bool:
        """Whether the current attempt is over."""
        return self.training_status.is_terminal

    def replaced(self, **changes: Any) -> Self:
        """Return a copy with `changes`, like `dataclasses.replace`, in a third of its time.

        Raises:
            TypeError: If a task has no such field.
        """
        task = object.__new__(type(self))
        facts = task.__dict__
        facts.update(self.__dict__)
        facts.update(changes)
        if len(facts) != _FIELDS:
            raise TypeError(f"a task has no such field: {sorted(facts.keys() - self.__dict__.keys())}")
        return task


_FIELDS = len(fields(Task))


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth a line in the task's history.

    `kind` is one of: created, attempt, started, paused, resumed, complete, failed, stopped,
    nonfinite, renamed, start_requested, start_withdrawn, stop_requested, stop_withdrawn, archived,
    brought_back, message.
    """

    kind: str
    message: str
