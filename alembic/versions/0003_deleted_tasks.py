"""Tasks that are gone for everybody, while all that hangs on them is being taken away.

Revision ID: 0003
Revises: 0002
"""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, String

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")
HANGING_ON_TASKS = {
    "metric_points": "task_id",
    "metric_buckets": "task_id",
    "metric_series": "task_id",
    "job_attempts": "task_id",
    "training_jobs": "id",
    "task_events": "task_id",
    "tasks": "id",
}


def upgrade() -> None:
    op.create_table(
        "deleted_tasks",
        Column("task_id", Integer(), nullable=False),
        Column("deleted_at", TIME, nullable=False),
        ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_deleted_tasks_task_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("task_id", name="pk_deleted_tasks"),
    )


def downgrade() -> None:
    """The program of before would show these tasks again, without some of their points."""
    op.execute("CREATE TEMPORARY TABLE gone AS SELECT task_id FROM deleted_tasks")
    op.drop_table("deleted_tasks")
    for table, key in HANGING_ON_TASKS.items():  # foreign keys may be off: nothing goes by itself
        op.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT task_id FROM gone)")  # noqa: S608  our own names
    op.execute("DROP TABLE gone")
