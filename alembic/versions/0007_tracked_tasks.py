"""Tracked tasks, and events that say more than a line.

Revision ID: 0007
Revises: 0006
"""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Text, text

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")


def upgrade() -> None:
    op.add_column("task_events", Column("details", Text()))
    op.create_table(
        "task_progress",
        Column(
            "task_id",
            Integer,
            ForeignKey("tasks.id", ondelete="CASCADE", name="fk_task_progress_task_id"),
            primary_key=True,
            autoincrement=False,
        ),
        Column("attempt", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("overdue_at", TIME),
        Column("updated_at", TIME, nullable=False),
    )
    is_set = text("overdue_at IS NOT NULL")
    op.create_index(
        "ix_task_progress_overdue_at",
        "task_progress",
        ["overdue_at"],
        sqlite_where=is_set,
        postgresql_where=is_set,
    )


def downgrade() -> None:
    op.drop_table("task_progress")
    op.drop_column("task_events", "details")
