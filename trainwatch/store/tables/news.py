"""What was told: the history of tasks, lines for people, reports that were taken."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from trainwatch.store.columns import UtcDateTime
from trainwatch.store.tables.base import Record, table_of


class TaskEventRecord(Record, table=True):
    """One line of a task's history; with `details`, of what its tracker tells."""

    __tablename__ = "task_events"
    __table_args__ = (Index("ix_task_events_task_id_id", "task_id", "id"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int
    kind: str
    message: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    details: str | None = Field(default=None, sa_type=Text)


class NotificationRecord(Record, table=True):
    """A line for people; it outlives the task that it is about."""

    __tablename__ = "notifications"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    level: str
    title: str
    message: str | None = Field(default=None, sa_type=Text)
    task_id: int | None = Field(default=None, foreign_key="tasks.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ReceiptRecord(Record, table=True):
    """A report that was taken, so that a repeat gets the same answer.

    An event id counts within a `scope` of `domain.repeat`; a report is kept under each of its own. `content` is
    a digest of what it said. Plain numbers, not foreign keys: a repeat must not revive a task that was deleted since.
    """

    __tablename__ = "report_receipts"
    __table_args__ = ({"sqlite_with_rowid": False},)
    event_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    task_id: int | None = None
    notification_id: int | None = None
    content: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


TASK_EVENTS = table_of(TaskEventRecord)
NOTIFICATIONS = table_of(NotificationRecord)
REPORT_RECEIPTS = table_of(ReceiptRecord)
