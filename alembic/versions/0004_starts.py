"""When a job was asked to start: it waits its turn in that order.

Revision ID: 0004
Revises: 0003
"""

from sqlalchemy import Column, DateTime, String, text

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")
IS_ASKED = text("start_requested_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("tasks", Column("start_requested_at", TIME))
    op.create_index(
        "ix_tasks_start_requested_at",
        "tasks",
        ["start_requested_at"],
        sqlite_where=IS_ASKED,
        postgresql_where=IS_ASKED,
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_start_requested_at", "tasks")
    op.drop_column("tasks", "start_requested_at")
