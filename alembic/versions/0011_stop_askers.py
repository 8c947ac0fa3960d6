"""Who has asked the runner of an attempt to stop it, apart from the flag that a task's script reads.

Revision ID: 0011
Revises: 0010
"""

from sqlalchemy import Column, String

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_attempts", Column("stop_asked_by", String()))


def downgrade() -> None:
    op.drop_column("job_attempts", "stop_asked_by")
