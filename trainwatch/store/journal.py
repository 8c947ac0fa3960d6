"""What a transaction says of what happened: lines of history, notifications and lines of the audit log."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Notified
from trainwatch.domain.task import Happening, Task
from trainwatch.store.tables import AUDIT_LOG, NOTIFICATIONS, TASK_EVENTS


class Journal:
    """Belongs to the writer's thread. Notifications alone are inserted at once, for their ids; the rest is staged."""

    def __init__(self, connection: Connection) -> None:
        """Write on `connection`."""
        self._connection = connection
        self.settle()

    def settle(self) -> None:
        """Forget what was said; it is committed and handed on, or undone."""
        self._history: list[dict[str, Any]] = []
        self._audited: list[dict[str, Any]] = []
        self.told: list[Notified] = []
        """Every notification of this transaction, in order."""

    def forget(self, task_id: int) -> None:
        """Forget what was said of a task that is no longer there; notifications stay, and no longer name it."""
        self._history = [line for line in self._history if line["task_id"] != task_id]
        self.told = [replace(note, task_id=None) if note.task_id == task_id else note for note in self.told]

    def remember(self, task: Task, happening: Happening, *, now: datetime) -> None:
        """Stage a line of the task's history."""
        self._history.append(
            {
                "task_id": task.id,
                "attempt": task.attempt,
                "kind": happening.kind,
                "message": happening.message,
                "created_at": now,
            }
        )

    def notify(
        self, level: str, title: str, message: str | None, *, task_id: int | None, now: datetime
    ) -> int:
        """Insert a notification and return its id."""
        row = {"level": level, "title": title, "message": message, "task_id": task_id, "created_at": now}
        statement = insert(NOTIFICATIONS).values(row).returning(NOTIFICATIONS.c.id)
        notification_id: int = self._connection.execute(statement).scalar_one()
        self.told.append(Notified(notification_id, level, title, message, task_id, now))
        return notification_id

    def audit(self, actor: Actor, action: str, target: str, *, now: datetime) -> None:
        """Stage a line of the audit log."""
        self._audited.append(
            {
                "created_at": now,
                "actor_kind": actor.kind,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "address": actor.address,
                "action": action,
                "target": target,
            }
        )

    def write(self) -> None:
        """Write what is staged."""
        staged = (
            (TASK_EVENTS, self._history),
            (AUDIT_LOG, self._audited),
        )
        for table, rows in staged:
            if rows:
                self._connection.execute(insert(table), rows)
