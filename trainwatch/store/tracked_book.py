"""The tracked tasks that a transaction touches: kept at hand, staged, written together, handed on."""

from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection

from trainwatch.domain.events import Tracked, Untracked
from trainwatch.domain.tracked.limits import time_limit_at
from trainwatch.domain.tracked.progress import ExecutionEvent
from trainwatch.domain.tracked.state import state_of
from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import insert_for, upsert
from trainwatch.store.tables import TASK_EVENTS, TASK_PROGRESS
from trainwatch.store.tracked import TrackedTask, find_tracked

MOST_AT_HAND = 2_000

_STATE = ("task_id", "attempt", "state", "overdue_at", "updated_at")
_EVENT = ("task_id", "attempt", "kind", "message", "created_at", "details")


class TrackedBook:
    """Belongs to the writer's thread; everything between two commits is one transaction."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        """Write on `connection`."""
        self._connection = connection
        replaces = upsert(dialect, TASK_PROGRESS, key=_STATE[:1], replace=_STATE[1:])
        self._states = Bulk(replaces, dialect, _STATE)
        self._lines = Bulk(insert_for(dialect, TASK_EVENTS), dialect, _EVENT)
        assert (self._states.columns, self._lines.columns) == (_STATE, _EVENT)
        self.clear()

    def clear(self) -> None:
        """Forget everything that was read or staged."""
        self._known: dict[int, TrackedTask] = {}  # whatever was wanted last is last
        self.settle()

    def settle(self) -> None:
        """Forget what was staged; it is committed and handed on."""
        self._touched: dict[int, TrackedTask] = {}
        self._events: list[tuple[Any, ...]] = []
        self.told: list[Tracked | Untracked] = []
        """Every change of this transaction, and every task that went, in order."""

    def forget_staged(self) -> None:
        """Forget what was staged, for it was undone."""
        for task_id in self._touched:
            self._known.pop(task_id, None)
        self.settle()

    def trim(self) -> None:
        """Forget those that were wanted longest ago if too many are at hand; call between transactions only."""
        for task_id in [*islice(self._known, max(0, len(self._known) - MOST_AT_HAND))]:
            del self._known[task_id]

    def forget(self, task_id: int) -> None:
        """Forget all that was read or staged of a task that is no longer there, and tell that it went."""
        tracked = self._known.pop(task_id, None) or find_tracked(
            self._connection, task_id, events=0, all_files=False
        )
        self._touched.pop(task_id, None)
        self._events = [row for row in self._events if row[0] != task_id]
        self.told = [event for event in self.told if event.task_id != task_id]
        if tracked is not None:
            self.told.append(Untracked(task_id, tracked.progress.task_id))

    def find(self, task_id: int) -> TrackedTask | None:
        """Return how the task stands, with its last events; None if nobody tracks it."""
        tracked = self._known.pop(task_id, None) or find_tracked(self._connection, task_id)
        if tracked is not None:
            self._known[task_id] = tracked
        return tracked

    def put(self, tracked: TrackedTask, events: tuple[ExecutionEvent, ...]) -> None:
        """Stage a task as it stands now, and what happened to it just now."""
        self._known.pop(tracked.task_id, None)
        self._known[tracked.task_id] = self._touched[tracked.task_id] = tracked
        self.told.append(Tracked(tracked.task_id, tracked.progress, events))
        self._events += [
            (
                tracked.task_id,
                tracked.attempt,
                event.event_type,
                event.message,
                self._lines.time(datetime.fromisoformat(event.timestamp)),
                orjson.dumps(event.details).decode(),
            )
            for event in events
        ]

    def write(self, now: datetime) -> None:
        """Write what is staged."""
        self._states.run(self._connection, [self._row(each, now) for each in self._touched.values()])
        self._lines.run(self._connection, self._events)

    def _row(self, tracked: TrackedTask, now: datetime) -> tuple[Any, ...]:
        return (
            tracked.task_id,
            tracked.attempt,
            orjson.dumps(state_of(tracked.progress)).decode(),
            self._states.time(time_limit_at(tracked.progress)),
            self._states.time(now),
        )
