"""The attempts that a transaction touches: staged as they turn, and written together."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from trainwatch.domain.attempt import Ended
from trainwatch.domain.task import Task
from trainwatch.store.engine import upsert
from trainwatch.store.tables import JOB_ATTEMPTS

_FACTS = ("status", "status_reason", "progress", "started_at", "finished_at")
_UPDATE = update(JOB_ATTEMPTS).where(
    JOB_ATTEMPTS.c.task_id == bindparam("of_task"), JOB_ATTEMPTS.c.attempt == bindparam("of_attempt")
)


class AttemptBook:
    """Belongs to the writer's thread; everything between two commits is one transaction."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        """Write on `connection`."""
        self._connection = connection
        self._upsert = upsert(dialect, JOB_ATTEMPTS, key=("task_id", "attempt"), replace=_FACTS)
        self.settle()

    def settle(self) -> None:
        """Forget what was staged."""
        self._rows: dict[tuple[int, int], dict[str, Any]] = {}
        self._facts: dict[tuple[int, int], dict[str, Any]] = {}

    def forget(self, task_id: int) -> None:
        """Forget what was staged of a task that is no longer there."""
        self._rows = {key: row for key, row in self._rows.items() if key[0] != task_id}
        self._facts = {key: facts for key, facts in self._facts.items() if key[0] != task_id}

    @property
    def are_staged(self) -> bool:
        """Whether any attempt has turned."""
        return bool(self._rows)

    def turn(self, before: Task | None, task: Task) -> None:
        """Stage the present attempt of `task`, if what is kept of it is not as it was before."""
        if before is None or _has_turned(before, task):
            self.stage(task.id, _attempt_of(task))

    def stage(self, task_id: int, attempt: Ended) -> None:
        """Stage what is known of one attempt of a task."""
        self._rows[task_id, attempt.attempt] = {
            "task_id": task_id,
            "attempt": attempt.attempt,
            "status": attempt.status.value,
            "status_reason": attempt.reason,
            "progress": attempt.progress,
            "started_at": attempt.started_at,
            "finished_at": attempt.finished_at,
        }

    def note(self, task: Task, facts: dict[str, Any]) -> None:
        """Stage facts of the task's attempt that only whoever executes it knows, such as `exit_code`."""
        self._facts.setdefault((task.id, task.attempt), {}).update(facts)

    def stop_asked_by(self, task: Task) -> str | None:
        """Return who asked the runner of the task's attempt to stop it first; None if nobody did."""
        staged = self._facts.get((task.id, task.attempt), {})
        if "stop_asked_by" in staged:
            return str(staged["stop_asked_by"])
        columns = JOB_ATTEMPTS.c
        is_it = (columns.task_id == task.id) & (columns.attempt == task.attempt)
        return self._connection.scalar(select(columns.stop_asked_by).where(is_it))

    def write(self) -> None:
        """Write what is staged."""
        if self._rows:
            self._connection.execute(self._upsert, list(self._rows.values()))
        for (task_id, attempt), facts in self._facts.items():
            self._connection.execute(_UPDATE.values(facts), {"of_task": task_id, "of_attempt": attempt})


def _has_turned(before: Task, task: Task) -> bool:
    """Whether what is kept of the attempt differs."""
    return (
        before.training_status is not task.training_status
        or before.attempt != task.attempt
        or before.started_at != task.started_at
        or before.finished_at != task.finished_at
    )


def _attempt_of(task: Task) -> Ended:
    return Ended(
        attempt=task.attempt,
        status=task.training_status,
        reason=task.status_reason,
        progress=task.progress if task.is_ended else None,
        started_at=task.started_at,
        finished_at=task.finished_at,
    )
