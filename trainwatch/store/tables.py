"""The tables: what is kept, with units in the names.

Run-time code uses the `Table` objects at the end (SQLAlchemy Core); the SQLModel classes
above them are their definition. Text columns named `tags`, `latest`, `pace`, `rhythm`,
`options`, `state` and `details` hold JSON.
"""

from datetime import datetime
from typing import ClassVar, cast

from sqlalchemy import BigInteger, CheckConstraint, Index, MetaData, Table, Text, text
from sqlmodel import Field, SQLModel

from trainwatch.store.columns import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_LARGEST = "1.7976931348623157e308"
_SCOPES = "('read', 'ingest', 'training', 'operate', 'admin')"
_FINITE = f"BETWEEN -{_LARGEST} AND {_LARGEST}"  # false for infinities, and for PostgreSQL's NaN


METADATA = MetaData(naming_convention=NAMING)


class _Record(SQLModel):
    """Base of all tables."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]
    metadata: ClassVar[MetaData] = METADATA  # pyright: ignore[reportIncompatibleVariableOverride]


class GpuRecord(_Record, table=True):
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


class TaskRecord(_Record, table=True):
    """A `domain.task.Task`, field by field."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        CheckConstraint(f"eta_seconds BETWEEN 0 AND {_LARGEST}", name="eta_seconds"),
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


class DeletedTaskRecord(_Record, table=True):
    """A task that is gone for everybody; its row waits until all that hangs on it is taken away."""

    __tablename__ = "deleted_tasks"
    task_id: int = Field(
        primary_key=True,
        foreign_key="tasks.id",
        ondelete="CASCADE",
        sa_column_kwargs={"autoincrement": False},
    )
    deleted_at: datetime = Field(sa_type=UtcDateTime)


class TrainingJobRecord(_Record, table=True):
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


class AttemptRecord(_Record, table=True):
    """One execution of a task; its number is the fencing token of its reports.

    `rules` names, separated by commas, what understood the numbers that it printed.
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
    status: str
    status_reason: str | None = Field(default=None, sa_type=Text)
    progress: float | None = None
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SeriesRecord(_Record, table=True):
    """One metric of one attempt, and how far it is reduced.

    `reduced_to` is the last step that `metric_buckets` cover, `stride` the steps between
    two of its points; both None while it is short. Buckets from the step `stale_from` on may lack
    points that came late; None if all are as they should be.
    """

    __tablename__ = "metric_series"
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    stride: int | None = Field(default=None, sa_type=BigInteger)
    reduced_to: int | None = Field(default=None, sa_type=BigInteger)
    stale_from: int | None = Field(default=None, sa_type=BigInteger)


class PointRecord(_Record, table=True):
    """One value of one series: a finite `value`, or a `flag` ("nan", "inf", "-inf")."""

    __tablename__ = "metric_points"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (flag IS NULL)", name="value_or_flag"),
        CheckConstraint(f"value {_FINITE}", name="finite"),
        Index("ix_metric_points_flagged", "task_id", "attempt", "name", "step",
              sqlite_where=text("flag IS NOT NULL"), postgresql_where=text("flag IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )  # fmt: skip
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_type=BigInteger)
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    value: float | None = None
    flag: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class BucketRecord(_Record, table=True):
    """A `domain.series.Bucket`, field by field and in its order; level 1 is the finest that is kept."""

    __tablename__ = "metric_buckets"
    __table_args__ = ({"sqlite_with_rowid": False},)
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    level: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True, sa_type=BigInteger)
    count: int
    nonfinite: int
    min: float | None = None
    max: float | None = None
    sum: float
    min_step: int | None = Field(default=None, sa_type=BigInteger)
    max_step: int | None = Field(default=None, sa_type=BigInteger)
    first_step: int = Field(sa_type=BigInteger)
    last_step: int = Field(sa_type=BigInteger)
    first_value: float | None = None
    last_value: float | None = None
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
    nonfinite_step: int | None = Field(default=None, sa_type=BigInteger)
    flag: str | None = None


class TaskEventRecord(_Record, table=True):
    """One line of a task's history; with `details`, of what its tracker tells."""

    __tablename__ = "task_events"
    __table_args__ = (Index("ix_task_events_task_id_id", "task_id", "id"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int
    kind: str
    message: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    details: str | None = Field(default=None, sa_type=Text)


class ProgressRecord(_Record, table=True):
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


class NotificationRecord(_Record, table=True):
    """A line for people; it outlives the task that it is about."""

    __tablename__ = "notifications"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    level: str
    title: str
    message: str | None = Field(default=None, sa_type=Text)
    task_id: int | None = Field(default=None, foreign_key="tasks.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ReceiptRecord(_Record, table=True):
    """A report that was taken, so that a repeat gets the same answer.

    Plain numbers, not foreign keys: a repeat must not revive a task that was deleted since.
    """

    __tablename__ = "report_receipts"
    event_id: str = Field(primary_key=True)
    task_id: int | None = None
    notification_id: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class InstanceRecord(_Record, table=True):
    """The name of this database among others, in one row: what cookies are named for."""

    __tablename__ = "instance"
    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class UserRecord(_Record, table=True):
    """A `domain.credential.User`; who was removed keeps the row, for sessions and audit log name it."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"scope IN {_SCOPES}", name="scope"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    scope: str
    password_hash: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SessionRecord(_Record, table=True):
    """A `domain.credential.Session`: no cookie, only its digest."""

    __tablename__ = "sessions"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    digest: str = Field(unique=True)
    address: str | None = None
    browser: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKeyRecord(_Record, table=True):
    """A `domain.credential.ApiKey`: no key, only its digest."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint(f"scope IN {_SCOPES}", name="scope"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    prefix: str = Field(unique=True)
    digest: str
    scope: str
    label: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditRecord(_Record, table=True):
    """A `domain.audit.AuditEntry`. Rows are only ever added; the database itself refuses anything else.

    Plain numbers, not foreign keys: the record outlives what it is about.
    """

    __tablename__ = "audit_log"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    actor_kind: str
    actor_id: int | None = None
    actor_name: str
    address: str | None = None
    action: str
    target: str = Field(sa_type=Text)


TRAINING_METRICS_VIEW = """\
CREATE VIEW training_metrics AS
SELECT task_id AS job_id, attempt, max(epoch) AS epoch, step,
  max(CASE WHEN name = 'loss' THEN value END) AS loss,
  max(CASE WHEN name = 'accuracy' THEN value END) AS accuracy,
  max(CASE WHEN name = 'learning_rate' THEN value END) AS learning_rate,
  max(created_at) AS created_at
FROM metric_points
WHERE name IN ('loss', 'accuracy', 'learning_rate')
GROUP BY task_id, attempt, step
"""

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """\
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """\
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        # REPLACE deletes without asking the trigger above.
        """\
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        """\
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """\
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_refuse()""",
        """\
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()""",
    ),
}
"""What makes a database of each kind refuse to change the audit log."""


def _table(record: type[SQLModel]) -> Table:
    return cast("Table", getattr(record, "__table__"))  # noqa: B009  SQLModel does not declare it


GPUS = _table(GpuRecord)
TASKS = _table(TaskRecord)
DELETED_TASKS = _table(DeletedTaskRecord)
TRAINING_JOBS = _table(TrainingJobRecord)
JOB_ATTEMPTS = _table(AttemptRecord)
METRIC_SERIES = _table(SeriesRecord)
METRIC_POINTS = _table(PointRecord)
METRIC_BUCKETS = _table(BucketRecord)
TASK_EVENTS = _table(TaskEventRecord)
TASK_PROGRESS = _table(ProgressRecord)
NOTIFICATIONS = _table(NotificationRecord)
REPORT_RECEIPTS = _table(ReceiptRecord)
INSTANCE = _table(InstanceRecord)
USERS = _table(UserRecord)
SESSIONS = _table(SessionRecord)
API_KEYS = _table(ApiKeyRecord)
AUDIT_LOG = _table(AuditRecord)
