"""Tasks and the GPUs they run on, how jobs are launched, and what became of each attempt."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from trainwatch.store.columns import UtcDateTime
from trainwatch.store.tables.base import LARGEST, Record, table_of


class GpuRecord(Record, table=True):
    """A GPU, known by host and UUID, or by host and name where nobody told its UUID.

    `host` is "" when unknown.
    """

    __tablename__ = "gpus"
    __table_args__ = (
        Index("uq_gpus_host_name", "host", "name", unique=True,
              sqlite_where=text("uuid IS NULL"), postgresql_where=text("uuid IS NULL")),
        Index("uq_gpus_host_uuid", "host", "uuid", unique=True,
              sqlite_where=text("uuid IS NOT NULL"), postgresql_where=text("uuid IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    name: str
    host: str = ""
    uuid: str | None = None
    utilization_percent: float | None = None
    memory_used_bytes: int | None = Field(default=None, sa_type=BigInteger)
    memory_total_bytes: int | None = Field(default=None, sa_type=BigInteger)
    temperature_celsius: float | None = None
    power_watts: float | None = None
    sampled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revision: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)


class TaskRecord(Record, table=True):
    """A `domain.task.Task`, field by field; `lost_after_at` follows from them while it runs, and is None else."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        CheckConstraint(f"eta_seconds BETWEEN 0 AND {LARGEST}", name="eta_seconds"),
        CheckConstraint(
            "training_status IN ('queued', 'running', 'paused', 'complete', 'failed', 'stopped')",
            name="training_status",
        ),
        Index("uq_tasks_external_id", "external_id", unique=True,
              sqlite_where=text("external_id IS NOT NULL"), postgresql_where=text("external_id IS NOT NULL")),
        Index("ix_tasks_reported_name_gpu_id", "reported_name", "gpu_id"),
        Index("ix_tasks_training_status", "training_status"),
        Index("ix_tasks_gpu_id", "gpu_id"),
        Index("ix_tasks_start_requested_at", "start_requested_at",
              sqlite_where=text("start_requested_at IS NOT NULL"),
              postgresql_where=text("start_requested_at IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    title: str
    title_by_user: bool = False
    reported_name: str | None = None
    external_id: str | None = None
    type: str
    source: str
    gpu_id: int | None = Field(default=None, foreign_key="gpus.id", ondelete="SET NULL")
    attempt: int = 1
    progress: float | None = None
    progress_in_percent: bool | None = None
    current_epoch: int | None = Field(default=None, sa_type=BigInteger)
    total_epochs: int | None = Field(default=None, sa_type=BigInteger)
    current_step: int | None = Field(default=None, sa_type=BigInteger)
    total_steps: int | None = Field(default=None, sa_type=BigInteger)
    eta_seconds: float | None = None
    training_status: str
    status_reason: str | None = Field(default=None, sa_type=Text)
    message: str | None = Field(default=None, sa_type=Text)
    revision: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_updated: datetime = Field(sa_type=UtcDateTime)
    start_requested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stop_requested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stop_stage: str | None = None
    stop_stage_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tags: str | None = Field(default=None, sa_type=Text)
    notes: str | None = Field(default=None, sa_type=Text)
    latest: str | None = Field(default=None, sa_type=Text)
    pace: str | None = Field(default=None, sa_type=Text)
    rhythm: str | None = Field(default=None, sa_type=Text)
    lost_after_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeletedTaskRecord(Record, table=True):
    """A task that is gone for everybody; its row waits until all that hangs on it is taken away."""

    __tablename__ = "deleted_tasks"
    task_id: int = Field(
        primary_key=True,
        foreign_key="tasks.id",
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    deleted_at: datetime = Field(sa_type=UtcDateTime)


class TrainingJobRecord(Record, table=True):
    """The launch specification of a task that TrainWatch can start; its id is the task's."""

    __tablename__ = "training_jobs"
    id: int = Field(
        primary_key=True,
        foreign_key="tasks.id",
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    name: str
    model_name: str
    epochs: int
    steps_per_epoch: int = 100
    learning_rate: float
    batch_size: int
    runner: str
    options: str = Field(default="{}", sa_type=Text)
    status: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class AttemptRecord(Record, table=True):
    """One execution of a task; its number is the fencing token of its reports.

    `rules` names, separated by commas, what understood the numbers that it printed. `stop_asked_by` is
    who asked its runner to stop it: the runner is told again when a server takes the attempt up.
    """

    __tablename__ = "job_attempts"
    __table_args__ = (CheckConstraint("claimed_at IS NULL OR lease_expires_at IS NOT NULL", name="lease"),)
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    agent_id: int | None = None
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pid: int | None = None
    exit_code: int | None = None
    rules: str | None = None
    stop_asked_by: str | None = None
    status: str
    status_reason: str | None = Field(default=None, sa_type=Text)
    progress: float | None = None
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProgressRecord(Record, table=True):
    """A tracked task in the attempt that was tracked last: all of its progress but the events.

    `overdue_at` is when its time will be up; None if it has no limit, or that is known.
    """

    __tablename__ = "task_progress"
    __table_args__ = (
        Index("ix_task_progress_overdue_at", "overdue_at",
              sqlite_where=text("overdue_at IS NOT NULL"),
              postgresql_where=text("overdue_at IS NOT NULL")),
    )  # fmt: skip
    task_id: int = Field(
        primary_key=True,
        foreign_key="tasks.id",
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    attempt: int
    state: str = Field(sa_type=Text)
    overdue_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


GPUS = table_of(GpuRecord)
TASKS = table_of(TaskRecord)
DELETED_TASKS = table_of(DeletedTaskRecord)
TRAINING_JOBS = table_of(TrainingJobRecord)
JOB_ATTEMPTS = table_of(AttemptRecord)
TASK_PROGRESS = table_of(ProgressRecord)
