"""When a running task is lost, so that lists and counts can tell it from one that is alive.

Revision ID: 0008
Revises: 0007
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, DateTime, Integer, String, Text, bindparam, column, select, table, update

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")

TASKS = table(
    "tasks",
    column("id", Integer),
    column("training_status", String),
    column("last_updated", TIME),
    column("rhythm", Text),
    column("lost_after_at", TIME),
)


def upgrade() -> None:
    op.add_column("tasks", Column("lost_after_at", TIME))
    connection = op.get_bind()
    running = select(TASKS.c.id, TASKS.c.last_updated, TASKS.c.rhythm).where(
        TASKS.c.training_status == "running"
    )
    deadlines = [
        {"task": row.id, "deadline": _lost_after(row.last_updated, row.rhythm)}
        for row in connection.execute(running)
    ]
    if deadlines:
        statement = update(TASKS).where(TASKS.c.id == bindparam("task"))
        connection.execute(statement.values(lost_after_at=bindparam("deadline")), deadlines)


def downgrade() -> None:
    op.drop_column("tasks", "lost_after_at")


def _lost_after(last_updated: str | datetime, rhythm: str | None) -> str | datetime:
    """Return when a task that was heard last then, and as often, is lost; a time is text on SQLite."""
    patience = timedelta(seconds=_patience_s(rhythm))
    if isinstance(last_updated, datetime):
        return last_updated + patience
    at = datetime.fromisoformat(last_updated).replace(tzinfo=UTC) + patience
    return at.isoformat(" ", "microseconds")[:26]


def _patience_s(rhythm: str | None) -> float:
    time_s, weight, gap_s = _numbers(rhythm)
    expected_s = time_s / weight if weight else None
    silent_s = 120.0 if expected_s is None else max(20.0, 5 * expected_s, 1.5 * gap_s)
    return max(600.0, 20 * (expected_s or 0), 2 * silent_s)


def _numbers(rhythm: str | None) -> Any:
    return (0.0, 0.0, 0.0) if rhythm is None else json.loads(rhythm)
