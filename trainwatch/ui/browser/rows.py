"""What the stores hold, by the names of `services/views.py`."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, NumberVar, ObjectVar, StringVar

from trainwatch.ui.browser.shapes import Shape, is_known


class TaskOnGpu(Shape):
    """A task that runs on a GPU."""

    id: NumberVar[int]
    title: StringVar[str]
    status: StringVar[str]
    silent_after_at: StringVar[str]


class Gpu(Shape):
    """A GPU with its latest reading."""

    id: NumberVar[int]
    revision: NumberVar[int]
    name: StringVar[str]
    host: StringVar[str]
    uuid: StringVar[str]
    utilization_percent: NumberVar[float]
    memory_used_bytes: NumberVar[int]
    memory_total_bytes: NumberVar[int]
    temperature_celsius: NumberVar[float]
    power_watts: NumberVar[float]
    sampled_at: StringVar[str]
    stale_after_at: StringVar[str]
    tasks: ArrayVar[list[dict[str, Any]]]


class Notification(Shape):
    """A start, an end, or a message."""

    id: NumberVar[int]
    level: StringVar[str]
    title: StringVar[str]
    message: StringVar[str]
    task_id: NumberVar[int]
    created_at: StringVar[str]


class GpuOfTask(Shape):
    """Where a task runs."""

    id: NumberVar[int]
    name: StringVar[str]
    host: StringVar[str]


class TaskRow(Shape):
    """A task as one row of a list."""

    id: NumberVar[int]
    revision: NumberVar[int]
    title: StringVar[str]
    title_by_user: StringVar[str]
    reported_name: StringVar[str]
    run_id: StringVar[str]
    type: StringVar[str]
    source: StringVar[str]
    status: StringVar[str]
    status_reason: StringVar[str]
    message: StringVar[str]
    gpu: GpuOfTask
    attempt: NumberVar[int]
    progress: NumberVar[float]
    current_epoch: NumberVar[int]
    total_epochs: NumberVar[int]
    current_step: NumberVar[int]
    total_steps: NumberVar[int]
    eta_seconds: NumberVar[float]
    metrics: ObjectVar[dict[str, Any]]
    nonfinite: ObjectVar[dict[str, Any]]
    tags: ArrayVar[list[str]]
    is_job: BooleanVar
    is_waiting: BooleanVar
    stop_requested: BooleanVar
    stop_stage: StringVar[str]
    stop_stage_ends_at: StringVar[str]
    archived_at: StringVar[str]
    created_at: StringVar[str]
    started_at: StringVar[str]
    finished_at: StringVar[str]
    last_updated: StringVar[str]
    silent_after_at: StringVar[str]
    lost_after_at: StringVar[str]
    expected_seconds: NumberVar[float]

    @property
    def is_there(self) -> BooleanVar:
        """Whether the page has it."""
        return is_known(self.held)

    @property
    def is_agents(self) -> rx.Var[bool]:
        """Whether an agent works on it, whose figures count rather than measure."""
        return self.type == "agent"

    @property
    def is_running(self) -> rx.Var[bool]:
        """Whether it runs, as far as anybody knows."""
        return self.status == "running"

    @property
    def is_ended(self) -> rx.Var[bool]:
        """Whether nothing more will come of it."""
        return (self.status == "complete") | (self.status == "failed") | (self.status == "stopped")

    @property
    def can_start(self) -> rx.Var[bool]:
        """Whether a start of this job can be asked for: it has ended, or nobody has asked yet."""
        return self.is_ended | ((self.status == "queued") & ~self.is_waiting)

    @property
    def last_at(self) -> StringVar[str]:
        """When it ended, or was heard last."""
        return (self.finished_at | self.last_updated).to(str)


class JobOfRow(Shape):
    """What a job trains, as its list shows it."""

    model_name: StringVar[str]


class ListedTask(TaskRow):
    """A task of a list, with the recent course of its main metric."""

    spark: ArrayVar[list[float]]
    spark_name: StringVar[str]
    job: JobOfRow


class Job(Shape):
    """What a job trains."""

    model_name: StringVar[str]
    epochs: NumberVar[int]
    learning_rate: NumberVar[float]
    batch_size: NumberVar[int]
    options: ObjectVar[dict[str, Any]]


class Action(Shape):
    """What an agent does, or has done last."""

    action: StringVar[str]
    target: StringVar[str]
    started_at: StringVar[str]
    is_done: BooleanVar
    success: BooleanVar


class Criterion(Shape):
    """What has to be true in the end."""

    text: StringVar[str]
    verified_at: StringVar[str]


class Tracked(Shape):
    """How a task stands that an agent works on."""

    agent_id: StringVar[str]
    iteration: NumberVar[int]
    max_iterations: NumberVar[int]
    progress: NumberVar[float]
    criteria_verified: NumberVar[int]
    criteria_total: NumberVar[int]
    criteria: ArrayVar[list[dict[str, Any]]]
    files_created: ArrayVar[list[str]]
    files_modified: ArrayVar[list[str]]
    cost: NumberVar[float]
    errors: NumberVar[int]
    limits_reached: ArrayVar[list[str]]
    action: Action
    summary: StringVar[str]
    stop_requested: BooleanVar
    started_at: StringVar[str]
    completed_at: StringVar[str]


class Attempt(Shape):
    """An attempt of a task."""

    attempt: NumberVar[int]
    status: StringVar[str]
    status_reason: StringVar[str]
    progress: NumberVar[float]
    exit_code: NumberVar[int]
    rules: ArrayVar[list[str]]
    started_at: StringVar[str]
    finished_at: StringVar[str]


class Happening(Shape):
    """A line of a task's history."""

    id: NumberVar[int]
    attempt: NumberVar[int]
    kind: StringVar[str]
    message: StringVar[str]
    created_at: StringVar[str]
