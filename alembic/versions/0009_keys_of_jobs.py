"""The task that a key is confined to; the keys of jobs that run now are confined to theirs.

Revision ID: 0009
Revises: 0008
"""

import re

from sqlalchemy import Column, Integer, text

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LABEL = re.compile(r"job (\d{1,10}), attempt \d+")


def upgrade() -> None:
    op.add_column("api_keys", Column("task_id", Integer()))
    connection = op.get_bind()
    made_by_the_server = "SELECT id, label FROM api_keys WHERE created_by = 'the server'"
    for key_id, label in connection.execute(text(made_by_the_server)).all():
        if found := _LABEL.fullmatch(label):
            connection.execute(
                text("UPDATE api_keys SET task_id = :task WHERE id = :key"),
                {"task": int(found[1]), "key": key_id},
            )


def downgrade() -> None:
    op.drop_column("api_keys", "task_id")
