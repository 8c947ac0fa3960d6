"""How tasks stand as this program knows it, and the way of each change from there to where it is kept."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from trainwatch.domain.tracked.change import Change, Start
from trainwatch.domain.tracked.course import advance, overdue
from trainwatch.domain.tracked.progress import ExecutionEvent, TaskProgress
from trainwatch.errors import ForbiddenError, UnavailableError
from trainwatch.tracking.copies import copy_of
from trainwatch.tracking.courier import Courier, Order
from trainwatch.tracking.keeper import Keeper, Kept, Outcome

ASK_AGAIN_S = 1.0
"""How often, at most, a keeper is asked whether a task is to stop."""

REST_S = 10.0
"""How long it is left alone when it could not be asked: it may take as long to find that out."""

_CANNOT_ASK = (UnavailableError, ForbiddenError)
"""What does not hide what is known here; a key of scope ingest may tell, but not ask."""


@dataclass(slots=True, eq=False)
class _Page:
    """What is known of one task; whoever looks at it or writes on it holds its lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    progress: TaskProgress | None = None
    events: list[ExecutionEvent] = field(default_factory=list[ExecutionEvent])
    stop: bool = False
    ask_at: float = float("-inf")
    """Before that the keeper is not asked again whether the task is to stop."""
    is_wrong: bool = False
    """Whether the keeper refused what stands here; set without the lock."""
    is_torn_out: bool = False

    def look(self) -> TaskProgress | None:
        """Return how the task stands as far as is known here; forget what is wrong."""
        if self.is_wrong:
            self.is_wrong = False
            self.progress, self.events = None, []
        return self.progress

    def copy(self) -> TaskProgress | None:
        """Return how the task stands, with all of its events."""
        progress = self.look()
        return None if progress is None else copy_of(progress, self.events)


class Ledger:
    """Belongs to all trackers of this process that write to the same place.

    A change is applied here, then sent; changes of one task are sent in the order in which they were applied.
    Tasks do not wait for each other.
    """

    def __init__(self, keeper: Keeper) -> None:
        """Write to `keeper`, which is closed with it."""
        self._keeper = keeper
        self._pages: dict[str, _Page] = {}
        self._lock = threading.Lock()  # of the dict alone
        self._courier = Courier(keeper, on_outcome=self._note)
        self._run = uuid4().hex
        self._numbers = count(1)
        self._pid = os.getpid()

    def apply(self, change: Change) -> TaskProgress:
        """Apply `change` now and return the task with its last events, once that is durable.

        While the keeper cannot be reached it returns at once: the change is kept here and sent again.

        Raises:
            NotFoundError: If nobody has started the task.
            ConflictError: If it has ended.
            BadRequestError: If the task has no such criterion.
            UnavailableError: If the task is not known here and the keeper cannot be asked, or this is closed.
            TrainwatchError: If the keeper refuses the change; it is taken back.
        """
        self._check_process()
        self._keeper.check_caller()
        page = self._locked_page(change.task_id)
        try:
            after, order = self._send(change, page)
        finally:
            page.lock.release()
        order.wait()
        if after.is_ended:
            self._tear_out(change.task_id, page, after)
        return after

    def find(self, task_id: str) -> TaskProgress | None:
        """Return a copy of how a task stands, with all of its events; None if nobody has started it.

        Raises:
            UnavailableError: If it is not known here and the keeper cannot be asked.
        """
        self._check_process()
        known = self._known(task_id)
        if known is not None and self._is_newest_here(task_id):
            return known
        try:
            return self._keeper.find(task_id)
        except _CANNOT_ASK:
            if known is None:
                raise
            return known

    def active(self) -> list[TaskProgress]:
        """Return copies of the tasks that have not ended, with their last events.

        Raises:
            UnavailableError: If none is known here and the keeper cannot be asked.
        """
        self._check_process()
        here = self._all_known()
        try:
            found = {progress.task_id: progress for progress in self._keeper.active()}
        except _CANNOT_ASK:
            if not here:
                raise
            found = dict[str, TaskProgress](here)
        newest = {task_id: progress for task_id, progress in here.items() if self._is_newest_here(task_id)}
        return [progress for progress in (found | newest).values() if not progress.is_ended]

    def should_stop(self, task_id: str) -> bool:
        """Return whether the task is to end: somebody wants it, or a limit is reached that is to stop it.

        The keeper is asked once a second at most; while it cannot be reached, what is known here counts.

        Raises:
            UnavailableError: If nothing is known here and the keeper cannot be asked.
        """
        self._check_process()
        page = self._locked_page(task_id)
        progress = page.look()
        is_time = time.monotonic() >= page.ask_at
        page.ask_at = time.monotonic() + ASK_AGAIN_S if is_time else page.ask_at
        page.lock.release()
        if progress is not None and (page.stop or _is_to_stop(progress)):
            return True
        if is_time:
            try:
                page.stop = self._keeper.wants_stop(task_id)
            except _CANNOT_ASK:
                if progress is None:
                    raise
                page.ask_at = time.monotonic() + REST_S
        return page.stop

    def flush(self, timeout_s: float) -> int:
        """Wait until every change is durable, `timeout_s` at most; return how many are not."""
        return self._courier.flush(timeout_s)

    def close(self) -> int:
        """End; return how many changes were never kept."""
        lost = self._courier.close()
        self._keeper.close()
        return lost

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise UnavailableError(
                "this tracker belongs to the process that made it; make another one after a fork"
            )

    def _locked_page(self, task_id: str) -> _Page:
        """Return the page of a task, locked."""
        while True:
            with self._lock:
                page = self._pages.setdefault(task_id, _Page())
            page.lock.acquire()
            if not page.is_torn_out:
                return page
            page.lock.release()

    def _tear_out(self, task_id: str, page: _Page, ended: TaskProgress) -> None:
        """Forget a task that has ended and stands as `ended`, all of it kept; who needs it reads it again."""
        with page.lock, self._lock:
            is_last = page.progress is ended and not self._courier.is_waiting(task_id)
            if is_last and not page.is_torn_out:
                page.is_torn_out = True
                del self._pages[task_id]

    def _send(self, change: Change, page: _Page) -> tuple[TaskProgress, Order]:
        """Apply `change` to the task of `page`, which is locked, and put it on its way."""
        if page.look() is None and not isinstance(change, Start):
            self._read(change.task_id, page)
        now = _now()
        change = replace(change, at=now, event_id=f"{self._run}-{next(self._numbers)}")
        advanced = advance(page.progress, change, now)
        order = self._courier.send(change)
        if isinstance(change, Start):
            page.events = []
        page.progress = advanced.progress
        page.events += advanced.events
        return advanced.progress, order

    def _read(self, task_id: str, page: _Page) -> None:
        """Take over what the keeper knows of a task."""
        if not self._courier.finish_task(task_id):
            raise UnavailableError("earlier changes of this task could not be kept yet")
        found = self._keeper.find(task_id)
        if found is not None:
            page.progress, page.events = found, list(found.events)

    def _known(self, task_id: str) -> TaskProgress | None:
        with self._lock:
            page = self._pages.get(task_id)
        if page is None:
            return None
        with page.lock:
            return page.copy()

    def _all_known(self) -> Mapping[str, TaskProgress]:
        with self._lock:
            pages = dict(self._pages)
        known: dict[str, TaskProgress] = {}
        for task_id, page in pages.items():
            with page.lock:
                progress = page.look()
                if progress is not None:
                    known[task_id] = copy_of(progress)
        return known

    def _is_newest_here(self, task_id: str) -> bool:
        """Whether what this program knows is the latest that there is."""
        return not self._keeper.is_shared or self._courier.is_waiting(task_id)

    def _note(self, task_id: str, outcome: Outcome) -> None:
        """Take in what became of a change, on the courier's thread."""
        with self._lock:
            page = self._pages.get(task_id)
        if page is None:
            return
        if isinstance(outcome, Kept):
            page.stop = outcome.stop
        else:
            page.is_wrong = True


def _is_to_stop(progress: TaskProgress) -> bool:
    late = overdue(progress, _now())
    return progress.stop_requested or (late is not None and late.progress.stop_requested)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - part of programs of their own: this is their clock
