"""How far a job that is being stopped has come.

Revision ID: 0005
Revises: 0004
"""

from sqlalchemy import Column, DateTime, String

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")


def upgrade() -> None:
    op.add_column("tasks", Column("stop_stage", String()))
    op.add_column("tasks", Column("stop_stage_ends_at", TIME))


def downgrade() -> None:
    op.drop_column("tasks", "stop_stage_ends_at")
    op.drop_column("tasks", "stop_stage")
