"""Event ids count within what their reports name, no longer among all reports.

Revision ID: 0010
Revises: 0009
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, String, column, insert, select, table

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")
TOGETHER = 10_000
OLD = table(
    "old_receipts",
    *map(column, ("event_id", "scope", "task_id", "notification_id", "created_at")),
)
NEW = table(
    "report_receipts",
    *map(column, ("event_id", "scope", "task_id", "notification_id", "created_at")),
)
TITLES = table("notifications", column("id"), column("title"))
TASKS = table("tasks", column("id"), column("external_id"))


def upgrade() -> None:
    _set_aside()
    op.create_table(
        "report_receipts",
        Column("event_id", String(), nullable=False),
        Column("scope", String(), nullable=False),
        Column("task_id", Integer()),
        Column("notification_id", Integer()),
        Column("content", String()),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("event_id", "scope", name="pk_report_receipts"),
        sqlite_with_rowid=False,
    )
    facts = (OLD.c.event_id, OLD.c.task_id, OLD.c.notification_id, OLD.c.created_at, TITLES.c.title)
    titled = select(*facts).select_from(OLD.outerjoin(TITLES, TITLES.c.id == OLD.c.notification_id))
    _copy(map(_scoped, op.get_bind().execute(titled)))
    op.drop_table("old_receipts")
    op.create_index("ix_report_receipts_created_at", "report_receipts", ["created_at"])


def downgrade() -> None:
    _set_aside()
    op.create_table(
        "report_receipts",
        Column("event_id", String(), nullable=False),
        Column("task_id", Integer()),
        Column("notification_id", Integer()),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("event_id", name="pk_report_receipts"),
    )
    # The newest of an event id last: one receipt of each is all that the program of before can keep.
    named = select(*OLD.c, TASKS.c.external_id).select_from(OLD.outerjoin(TASKS, TASKS.c.id == OLD.c.task_id))
    rows = op.get_bind().execute(named.order_by(OLD.c.created_at)).all()
    _copy({row["event_id"]: row for row in map(_unscoped, rows)}.values())
    op.drop_table("old_receipts")
    op.create_index("ix_report_receipts_created_at", "report_receipts", ["created_at"])


def _set_aside() -> None:
    """Rename the table, so that another can have its name and those of its index and its key."""
    op.drop_index("ix_report_receipts_created_at", "report_receipts")
    op.rename_table("report_receipts", "old_receipts")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_report_receipts RENAME TO pk_old_receipts")


def _copy(rows: Iterable[dict[str, Any]]) -> None:
    connection = op.get_bind()
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == TOGETHER:
            connection.execute(insert(NEW), some)
            some = []
    if some:
        connection.execute(insert(NEW), some)


def _scoped(row: Any) -> dict[str, Any]:
    """Return a receipt with the scope that its report is found in again, as far as that can still be known."""
    event_id, scope = row.event_id, ""
    run_id, is_tracked, number = event_id.partition("\n")
    if is_tracked:
        event_id, scope = number, _short("tracked", run_id)
    elif row.task_id is not None:
        scope = f"task {row.task_id}"
    elif row.title is not None:
        scope = _short("notification", None, row.title)
    return {
        "event_id": event_id,
        "scope": scope,
        "task_id": row.task_id,
        "notification_id": row.notification_id,
        "created_at": row.created_at,
    }


def _unscoped(row: Any) -> dict[str, Any]:
    is_tracked = row.external_id is not None and row.scope == _short("tracked", row.external_id)
    return {
        "event_id": f"{row.external_id}\n{row.event_id}" if is_tracked else row.event_id,
        "task_id": row.task_id,
        "notification_id": row.notification_id,
        "created_at": row.created_at,
    }


def _short(*words: str | None) -> str:
    return blake2b(repr(words).encode(errors="backslashreplace"), digest_size=16).hexdigest()
