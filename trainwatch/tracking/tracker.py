"""The tracker: what the program of an AI agent says of its tasks."""

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from trainwatch.domain.tracked.change import change_of, parse_task_id
from trainwatch.domain.tracked.progress import DEFAULT_MAX_ITERATIONS, TaskProgress
from trainwatch.errors import UnavailableError
from trainwatch.tracking import places
from trainwatch.tracking.copies import copy_of
from trainwatch.tracking.ledger import Ledger
from trainwatch.tracking.listeners import Listener, Listeners

if TYPE_CHECKING:
    from trainwatch.store.engine import Database
    from trainwatch.store.writer import Writer

CLOSE_WITHIN_S = 10.0


class ProgressTracker:
    """Tells how tasks go, and keeps it: in a file of this program's own, or by a server.

    `where` is one of: a data directory or its `trainwatch.db` (made if it is not there; where a server runs on it,
    the tracker speaks to that server), `http://…` or `https://…` with a `key` of scope ingest or more where the
    server wants one (else TRAINWATCH_KEY, but not a job's), an open `Database` that nothing else writes to, or a `Writer` (made on its event loop, then
    called from other threads). Trackers of one process on one file share it. May be called from any thread.

    Every change is checked and applied at once. The method returns a copy of the task with its last ten events, after
    the change is durable and every listener was called once. While it cannot be saved, the method logs that and
    returns at once; the change is kept in memory and sent again, in order, until it is there.

    Task ids are any text of up to 200 characters; percent goes from 0 to 100, money is dollars, criteria are
    counted from 0.

    All methods that change a task raise:
        BadRequestError: If a value makes no sense; `field` names it.
        NotFoundError: If nobody has started the task.
        ConflictError: If the task has ended; actions, errors and costs are still taken.
        UnauthorizedError, ForbiddenError: If the server does not let this key do it.
        UnavailableError: If the task was begun by another process and nobody can be asked about it now.
    After any of them nothing was changed, and no listener called.
    """

    def __init__(
        self, where: "str | os.PathLike[str] | Database | Writer", *, key: str | None = None
    ) -> None:
        """Write to `where`; a server is not spoken to before the first call.

        Raises:
            SettingsError: If `where` is no such place, or cannot be used.
            DataDirLockedError: If another program that is no server owns the file.
            MigrationError: If the database is of a newer version, or not TrainWatch's.
        """
        self._place = places.enter(where, key)
        self._listeners = Listeners()
        self._is_closed = False

    def start_task(  # noqa: PLR0913 - what a task may take is said when it begins
        self,
        task_id: str,
        agent_id: str,
        criteria_total: int = 0,
        *,
        criteria: Iterable[str] | None = None,
        max_iterations: int = DEFAULT_MAX_ITERATIONS,
        max_cost: float | None = None,
        max_seconds: float | None = None,
        stop_at_limit: bool = False,
        title: str | None = None,
    ) -> TaskProgress:
        """Begin a task; one that is there begins a new attempt.

        `criteria` are what has to be true in the end, as texts; without them there are `criteria_total` that have
        none. With `stop_at_limit`, `should_stop` says so once a limit is reached. `title` is what people read.
        """
        return self._change(
            "start",
            task_id,
            {
                "agentId": agent_id,
                "criteriaTotal": None if criteria is not None and not criteria_total else criteria_total,
                "criteria": criteria if criteria is None or isinstance(criteria, str) else list(criteria),
                "maxIterations": max_iterations,
                "maxCost": max_cost,
                "maxSeconds": max_seconds,
                "stopAtLimit": stop_at_limit,
                "title": title,
            },
        )

    def update_iteration(self, task_id: str, n: int) -> TaskProgress:
        """Say which iteration it is in, counted from 1; a lower one than before changes nothing."""
        return self._change("iteration", task_id, {"iteration": n})

    def update_progress(self, task_id: str, percent: float) -> TaskProgress:
        """Say how far it is, from 0 to 100; less than before changes nothing."""
        return self._change("progress", task_id, {"progress": percent})

    def verify_criterion(self, task_id: str, index: int) -> TaskProgress:
        """Say that a criterion, counted from 0, is true; again changes nothing. Sets the percent."""
        return self._change("criterion", task_id, {"index": index})

    def begin_action(self, task_id: str, action: str, target: str | os.PathLike[str] = "") -> TaskProgress:
        """Say what is being done now; `log_action` with the same words says how it ended."""
        return self._change("action", task_id, {"action": action, "target": os.fspath(target)})

    def log_action(
        self,
        task_id: str,
        action: str,
        target: str | os.PathLike[str] = "",
        success: bool = True,  # noqa: FBT001, FBT002 - the fourth of four words that belong together
    ) -> TaskProgress:
        """Say that something was done; "write" and "create" make files, "edit" changes them, where `success`."""
        return self._change(
            "action", task_id, {"action": action, "target": os.fspath(target), "success": success}
        )

    def log_error(self, task_id: str, error: str | BaseException) -> TaskProgress:
        """Say that something went wrong; the task goes on."""
        said = str(error) or type(error).__name__ if isinstance(error, BaseException) else error
        return self._change("error", task_id, {"error": said})

    def update_cost(self, task_id: str, cost_estimate: float) -> TaskProgress:
        """Say what all of it has cost so far, in dollars."""
        return self._change("cost", task_id, {"cost": cost_estimate})

    def complete_task(
        self,
        task_id: str,
        success: bool = True,  # noqa: FBT001, FBT002 - it reads as it is said
        summary: str | None = None,
    ) -> TaskProgress:
        """End the task; `summary` says what was done, or why not. Success makes it 100 percent."""
        return self._change("complete", task_id, {"success": success, "summary": summary})

    def get_progress(self, task_id: str) -> TaskProgress | None:
        """Return how a task stands, with all of its events; None if nobody has started it.

        Raises:
            UnavailableError: If it is not known here and nobody can be asked now.
        """
        return self._ledger.find(parse_task_id(task_id))

    def get_all_active(self) -> list[TaskProgress]:
        """Return the tasks that have not ended, also those of other programs, each with its last ten events.

        Raises:
            UnavailableError: If none is known here and nobody can be asked now.
        """
        return self._ledger.active()

    def should_stop(self, task_id: str) -> bool:
        """Return whether the task is to end: somebody pressed Stop, or a limit is reached and it was to stop there.

        Cheap enough for every turn of a loop: a server is asked once a second at most.

        Raises:
            UnavailableError: If it is not known here and nobody can be asked now.
        """
        return self._ledger.should_stop(parse_task_id(task_id))

    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with a copy of the task, with its last ten events, after each change by this tracker.

        It is called on the thread that made the change, before the method returns. It may call the tracker; what it
        raises is logged.
        """
        self._listeners.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Call `listener` no more; it may not be there."""
        self._listeners.remove(listener)

    def flush(self, timeout_s: float = CLOSE_WITHIN_S) -> bool:
        """Wait until everything is durable, `timeout_s` at most; return whether it is."""
        return not self._place.ledger.flush(timeout_s)

    def close(self, timeout_s: float = CLOSE_WITHIN_S) -> None:
        """Wait until everything is durable, `timeout_s` at most, and let go; what is lost then is logged.

        A program that ends without it waits for five seconds at most.
        """
        if not self._is_closed:
            self._is_closed = True
            self.flush(timeout_s)
            self._place.leave()

    def __enter__(self) -> Self:
        """Return this tracker, which is closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _ledger(self) -> Ledger:
        if self._is_closed:
            raise UnavailableError("this tracker is closed; make another one")
        return self._place.ledger

    def _change(self, kind: str, task_id: str, payload: Mapping[str, object]) -> TaskProgress:
        progress = self._ledger.apply(change_of(kind, task_id, payload))
        self._listeners.tell(progress)
        return copy_of(progress)
