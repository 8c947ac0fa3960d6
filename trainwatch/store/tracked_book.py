"""The tracked tasks that a transaction touches: kept at hand, staged, written together, handed on."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from trainwatch.domain.events import Tracked
from trainwatch.domain.tracked.limits import time_limit_at
from trainwatch.domain.tracked.progress import ExecutionEvent
from trainwatch.domain.tracked.state import state_json
from trainwatch.store.engine import upsert
from trainwatch.store.tables import TASK_EVENTS, TASK_PROGRESS
from trainwatch.store.tracked import TrackedTask, find_tracked

MOST_AT_HAND = 2_000


class TrackedBook:
    """Belongs to the writer's thread; everything between two commits is one transaction."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        """Write on `connection`."""
        self._connection = connection
        self._upsert = upsert(
            dialect,
            TASK_PROGRESS,
            key=("task_id",),
            replace=("attempt", "state", "overdue_at", "updated_at"),
        )
        self.clear()

    def clear(self) -> None:
        """Forget everything that was read or staged."""
        self._known: dict[int, TrackedTask] = {}
        self.settle()

    def settle(self) -> None:
        """Forget what was staged; it is committed and handed on."""
        self._touched: dict[int, TrackedTask] = {}
        self._events: list[dict[str, Any]] = []
        self.told: list[Tracked] = []
        """Every change of this transaction, in order."""

    def trim(self) -> None:
        """Forget the tasks at hand if there are too many; call between transactions only."""
        if len(self._known) > MOST_AT_HAND:
            self._known = {}

    def forget(self, task_id: int) -> None:
        """Forget all that was read or staged of a task that is no longer there."""
        self._known.pop(task_id, None)
        self._touched.pop(task_id, None)
        self._events = [row for row in self._events if row["task_id"] != task_id]
        self.told = [event for event in self.told if event.task_id != task_id]

    def find(self, task_id: int) -> TrackedTask | None:
        """Return how the task stands, with its last events; None if nobody tracks it."""
        tracked = self._known.get(task_id) or find_tracked(self._connection, task_id)
        if tracked is not None:
            self._known[task_id] = tracked
        return tracked

    def put(self, tracked: TrackedTask, events: tuple[ExecutionEvent, ...]) -> None:
        """Stage a task as it stands now, and what happened to it just now."""
        self._known[tracked.task_id] = self._touched[tracked.task_id] = tracked
        self.told.append(Tracked(tracked.task_id, tracked.progress, events))
        self._events += [
            {
                "task_id": tracked.task_id,
                "attempt": tracked.attempt,
                "kind": event.event_type,
                "message": event.message,
                "details": orjson.dumps(event.details).decode(),
                "created_at": datetime.fromisoformat(event.timestamp),
            }
            for event in events
        ]

    def write(self, now: datetime) -> None:
        """Write what is staged."""
        if self._touched:
            self._connection.execute(self._upsert, [_row(each, now) for each in self._touched.values()])
        if self._events:
            self._connection.execute(insert(TASK_EVENTS), self._events)


def _row(tracked: TrackedTask, now: datetime) -> dict[str, Any]:
    return {
        "task_id": tracked.task_id,
        "attempt": tracked.attempt,
        "state": state_json(tracked.progress),
        "overdue_at": time_limit_at(tracked.progress),
        "updated_at": now,
    }
