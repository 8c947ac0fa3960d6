"""By which rules that which an attempt prints is understood.

Revision ID: 0006
Revises: 0005
"""

from sqlalchemy import Column, String

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_attempts", Column("rules", String()))


def downgrade() -> None:
    op.drop_column("job_attempts", "rules")
