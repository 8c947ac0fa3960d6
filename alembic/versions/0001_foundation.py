"""Everything that the first release keeps.

Revision ID: 0001
Revises:
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")

TRAINING_METRICS = """\
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


def upgrade() -> None:
    _create_gpus()
    _create_tasks()
    _create_jobs()
    _create_series()
    _create_buckets()
    _create_history()
    op.execute(TRAINING_METRICS)


def downgrade() -> None:
    op.execute("DROP VIEW training_metrics")
    for table in (
        "report_receipts",
        "notifications",
        "task_events",
        "metric_buckets",
        "metric_points",
        "metric_series",
        "job_attempts",
        "training_jobs",
        "tasks",
        "gpus",
    ):
        op.drop_table(table)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _create_gpus() -> None:
    op.create_table(
        "gpus",
        Column("id", Integer(), nullable=False),
        Column("name", String(), nullable=False),
        Column("host", String(), nullable=False),
        Column("uuid", String()),
        Column("utilization_percent", Float()),
        Column("memory_used_bytes", BigInteger()),
        Column("memory_total_bytes", BigInteger()),
        Column("temperature_celsius", Float()),
        Column("power_watts", Float()),
        Column("sampled_at", TIME),
        Column("revision", BigInteger(), nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_gpus"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_gpus_host_name", "gpus", ["host", "name"], unique=True, **_where("uuid IS NULL"))
    op.create_index("uq_gpus_host_uuid", "gpus", ["host", "uuid"], unique=True, **_where("uuid IS NOT NULL"))


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        Column("id", Integer(), nullable=False),
        Column("title", String(), nullable=False),
        Column("title_by_user", Boolean(), nullable=False),
        Column("reported_name", String()),
        Column("external_id", String()),
        Column("type", String(), nullable=False),
        Column("source", String(), nullable=False),
        Column("gpu_id", Integer()),
        Column("attempt", Integer(), nullable=False),
        Column("progress", Float()),
        Column("progress_in_percent", Boolean()),
        Column("current_epoch", BigInteger()),
        Column("total_epochs", BigInteger()),
        Column("current_step", BigInteger()),
        Column("total_steps", BigInteger()),
        Column("eta_seconds", Float()),
        Column("training_status", String(), nullable=False),
        Column("status_reason", Text()),
        Column("message", Text()),
        Column("revision", BigInteger(), nullable=False),
        Column("created_at", TIME, nullable=False),
        Column("started_at", TIME),
        Column("finished_at", TIME),
        Column("last_updated", TIME, nullable=False),
        Column("stop_requested_at", TIME),
        Column("archived_at", TIME),
        Column("tags", Text()),
        Column("notes", Text()),
        Column("latest", Text()),
        Column("pace", Text()),
        Column("rhythm", Text()),
        CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_tasks_progress")),
        CheckConstraint(
            "eta_seconds BETWEEN 0 AND 1.7976931348623157e308", name=op.f("ck_tasks_eta_seconds")
        ),
        CheckConstraint(
            "training_status IN ('queued', 'running', 'paused', 'complete', 'failed', 'stopped')",
            name=op.f("ck_tasks_training_status"),
        ),
        ForeignKeyConstraint(["gpu_id"], ["gpus.id"], name="fk_tasks_gpu_id", ondelete="SET NULL"),
        PrimaryKeyConstraint("id", name="pk_tasks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tasks_gpu_id", "tasks", ["gpu_id"])
    op.create_index("ix_tasks_reported_name_gpu_id", "tasks", ["reported_name", "gpu_id"])
    op.create_index("ix_tasks_training_status", "tasks", ["training_status"])
    op.create_index(
        "uq_tasks_external_id", "tasks", ["external_id"], unique=True, **_where("external_id IS NOT NULL")
    )


def _create_jobs() -> None:
    op.create_table(
        "training_jobs",
        Column("id", Integer(), autoincrement=False, nullable=False),
        Column("name", String(), nullable=False),
        Column("model_name", String(), nullable=False),
        Column("epochs", Integer(), nullable=False),
        Column("steps_per_epoch", Integer(), nullable=False),
        Column("learning_rate", Float(), nullable=False),
        Column("batch_size", Integer(), nullable=False),
        Column("runner", String(), nullable=False),
        Column("options", Text(), nullable=False),
        Column("status", String(), nullable=False),
        Column("created_at", TIME, nullable=False),
        Column("updated_at", TIME, nullable=False),
        ForeignKeyConstraint(["id"], ["tasks.id"], name="fk_training_jobs_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_training_jobs"),
    )
    op.create_table(
        "job_attempts",
        Column("task_id", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("agent_id", Integer()),
        Column("claimed_at", TIME),
        Column("lease_expires_at", TIME),
        Column("pid", Integer()),
        Column("exit_code", Integer()),
        Column("status", String(), nullable=False),
        Column("status_reason", Text()),
        Column("progress", Float()),
        Column("started_at", TIME),
        Column("finished_at", TIME),
        CheckConstraint(
            "claimed_at IS NULL OR lease_expires_at IS NOT NULL", name=op.f("ck_job_attempts_lease")
        ),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_job_attempts_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("task_id", "attempt", name="pk_job_attempts"),
    )


def _create_series() -> None:
    op.create_table(
        "metric_series",
        Column("task_id", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("name", String(), nullable=False),
        Column("stride", BigInteger()),
        Column("reduced_to", BigInteger()),
        Column("stale_from", BigInteger()),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_metric_series_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("task_id", "attempt", "name", name="pk_metric_series"),
    )
    op.create_table(
        "metric_points",
        Column("task_id", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("name", String(), nullable=False),
        Column("step", BigInteger(), nullable=False),
        Column("epoch", BigInteger()),
        Column("value", Float()),
        Column("flag", String()),
        Column("created_at", TIME, nullable=False),
        CheckConstraint("(value IS NULL) <> (flag IS NULL)", name=op.f("ck_metric_points_value_or_flag")),
        CheckConstraint(
            "value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308",
            name=op.f("ck_metric_points_finite"),
        ),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_metric_points_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("task_id", "attempt", "name", "step", name="pk_metric_points"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_metric_points_flagged",
        "metric_points",
        ["task_id", "attempt", "name", "step"],
        **_where("flag IS NOT NULL"),
    )


def _create_buckets() -> None:
    op.create_table(
        "metric_buckets",
        Column("task_id", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("name", String(), nullable=False),
        Column("level", Integer(), nullable=False),
        Column("bucket", BigInteger(), nullable=False),
        Column("count", Integer(), nullable=False),
        Column("nonfinite", Integer(), nullable=False),
        Column("min", Float()),
        Column("max", Float()),
        Column("sum", Float(), nullable=False),
        Column("min_step", BigInteger()),
        Column("max_step", BigInteger()),
        Column("first_step", BigInteger(), nullable=False),
        Column("last_step", BigInteger(), nullable=False),
        Column("first_value", Float()),
        Column("last_value", Float()),
        Column("epoch", BigInteger()),
        Column("at_ms", BigInteger(), nullable=False),
        Column("nonfinite_step", BigInteger()),
        Column("flag", String()),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_metric_buckets_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("task_id", "attempt", "name", "level", "bucket", name="pk_metric_buckets"),
        sqlite_with_rowid=False,
    )


def _create_history() -> None:
    op.create_table(
        "task_events",
        Column("id", Integer(), nullable=False),
        Column("task_id", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("kind", String(), nullable=False),
        Column("message", Text(), nullable=False),
        Column("created_at", TIME, nullable=False),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_events_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_task_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_events_task_id_id", "task_events", ["task_id", "id"])
    op.create_table(
        "notifications",
        Column("id", Integer(), nullable=False),
        Column("level", String(), nullable=False),
        Column("title", String(), nullable=False),
        Column("message", Text()),
        Column("task_id", Integer()),
        Column("created_at", TIME, nullable=False),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_notifications_task_id", ondelete="SET NULL"),
        PrimaryKeyConstraint("id", name="pk_notifications"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_task_id", "notifications", ["task_id"])
    op.create_table(
        "report_receipts",
        Column("event_id", String(), nullable=False),
        Column("task_id", Integer()),
        Column("notification_id", Integer()),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("event_id", name="pk_report_receipts"),
    )
    op.create_index("ix_report_receipts_created_at", "report_receipts", ["created_at"])
