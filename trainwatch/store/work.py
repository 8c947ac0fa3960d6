"""The unit of work: what a command of the writer can look up and change within one transaction."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.domain.attempt import Ended
from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Event, GpuChanged, TaskChanged, TaskRemoved
from trainwatch.domain.job import JobSpec
from trainwatch.domain.report import Column, GpuReading, Point
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.tracked.progress import ExecutionEvent
from trainwatch.domain.turn import is_job
from trainwatch.errors import TrainwatchError
from trainwatch.store import jobs
from trainwatch.store.attempts import AttemptBook
from trainwatch.store.cache import Cache
from trainwatch.store.credential_book import CredentialBook
from trainwatch.store.engine import Database
from trainwatch.store.gpus import Gpu
from trainwatch.store.journal import Journal
from trainwatch.store.points import PointBook
from trainwatch.store.receipts import ReceiptBook
from trainwatch.store.remains import Remains, mark_deleted
from trainwatch.store.tables import GPUS, TASKS
from trainwatch.store.task_updates import TaskUpdates
from trainwatch.store.tasks import retimed_tasks, row_from_task
from trainwatch.store.tracked import TrackedTask, overdue_tasks
from trainwatch.store.tracked_book import TrackedBook
from trainwatch.store.write_lock import WriteLock

_UPDATE_GPU = update(GPUS).where(GPUS.c.id == bindparam("gpu_id"))


class Work:
    """Commands decide first and change last, so that one that raises has changed nothing.

    Changes are staged in memory and written together by `commit`. New tasks and GPUs alone are
    inserted at once, for their ids. If a commit fails the whole cache is forgotten and read anew.
    """

    now: datetime

    def __init__(self, connection: Connection, database: Database, lock: WriteLock | None = None) -> None:
        """Work on `connection`, the only one that writes; with a `lock` no transaction begins without it."""
        self._lock = lock
        self._connection = connection
        self._cache = Cache(connection)
        self._points = PointBook(connection, database)
        self._remains = Remains(connection)
        self._task_updates = TaskUpdates(database.dialect)
        self._attempts = AttemptBook(connection, database.dialect)
        self._tracked = TrackedBook(connection, database.dialect)
        self._journal = Journal(connection)
        self.credentials = CredentialBook(connection)
        """Users, sessions and keys."""
        self.receipts = ReceiptBook(connection)
        """Reports that were taken, by their event ids."""
        self._clear()

    def _clear(self) -> None:
        self._touched: dict[int, Task | None] = {}
        self._removed: list[int] = []
        self._attempts.settle()
        self._gpus: dict[int, Gpu] = {}
        self._journal.settle()
        self.credentials.settle()
        self.receipts.settle()

    # Looking up

    @property
    def has_remains(self) -> bool:
        """Whether something may be left of deleted tasks, of those too that another server deleted."""
        return self._remains.are_left

    def task(self, task_id: int) -> Task | None:
        """Return the task of that id."""
        return self._cache.task(task_id)

    def tasks_named(self, name: str) -> list[Task]:
        """Return the tasks that are reported under `name`, in no order."""
        return self._cache.tasks_named(name)

    def task_of_run(self, run_id: str) -> Task | None:
        """Return the task whose runs are reported with `run_id`."""
        return self._cache.task_of_run(run_id)

    def live_task_on(self, gpu_id: int) -> Task | None:
        """Return the task on that GPU, not ended, that was reported last."""
        return self._cache.live_task_on(gpu_id)

    def gpu(self, host: str | None, name: str) -> Gpu | None:
        """Return the GPU of that host and name; None if nobody has told of it yet."""
        return self._cache.gpu(host or "", name)

    def job(self, task_id: int) -> JobSpec | None:
        """Return how the task of that id is launched; None if it is no job."""
        return jobs.find_job(self._connection, task_id)

    def tracked(self, task_id: int) -> TrackedTask | None:
        """Return how the tracked task of that id stands, with its last events; None if nobody tracks it."""
        return self._tracked.find(task_id)

    def overdue(self, *, limit: int) -> Sequence[int]:
        """Return tracked tasks whose time was up when this transaction began, while it is not known of them."""
        return overdue_tasks(self._connection, now=self.now, limit=limit)

    def tasks_to_retime(self, now: datetime, *, with_live: bool) -> Sequence[int]:
        """Return the tasks that were heard after `now`, and those too that have not ended."""
        return retimed_tasks(self._connection, now=now, with_live=with_live)

    def gpus(self) -> list[Gpu]:
        """Return every GPU."""
        rows = self._connection.scalars(select(GPUS.c.id)).all()
        return [gpu for gpu_id in rows if (gpu := self._cache.gpu_of(gpu_id)) is not None]

    # Changing

    def create(self, task: Task) -> Task:
        """Insert `task`, whatever its id says, and return it with the id that it got."""
        row = row_from_task(task)
        row.pop("id")
        task_id = self._connection.execute(insert(TASKS).values(row).returning(TASKS.c.id)).scalar_one()
        task = task.replaced(id=task_id)
        self.put(task)
        return task

    def add_job(self, task: Task, spec: JobSpec) -> None:
        """Insert the specification of the job that `task`, just created, is."""
        jobs.add_job(self._connection, task, spec, now=self.now)

    def note_attempt(self, task: Task, **facts: Any) -> None:
        """Stage facts of the task's attempt that only whoever executes it knows, such as `exit_code`."""
        self._attempts.note(task, facts)

    def stop_asked_by(self, task: Task) -> str | None:
        """Return who asked the runner of the task's attempt to stop it first; None if nobody did."""
        return self._attempts.stop_asked_by(task)

    def put(self, task: Task, *, ended: Ended | None = None) -> None:
        """Stage `task` as it stands now, and the end of an earlier attempt of it."""
        before = self._cache.put(task)
        self._touched.setdefault(task.id, before)
        if ended is not None:
            self._attempts.stage(task.id, ended)
        self._attempts.turn(before, task)

    def put_tracked(self, tracked: TrackedTask, events: tuple[ExecutionEvent, ...]) -> None:
        """Stage a tracked task as it stands now, and the events that its last change made."""
        self._tracked.put(tracked, events)

    def delete(self, task: Task) -> None:
        """Take `task` away from everybody, with all that this transaction has said of it.

        What hangs on it goes later, see `sweep`. Notifications stay, and no longer name it.
        """
        self._tracked.forget(task.id)  # first: its name is in a row that goes at once
        mark_deleted(self._connection, task.id, now=self.now)
        self._cache.remove(task.id)
        self._points.forget(task.id)
        self._touched.pop(task.id, None)
        self._attempts.forget(task.id)
        self._journal.forget(task.id)
        self._removed.append(task.id)
        self._remains.are_left = True

    def add_points(self, task: Task, attempt: int, points: tuple[Point, ...]) -> None:
        """Stage points of one attempt of `task`."""
        self._points.add(task.id, attempt, points, self.now)

    def add_column(
        self, task: Task, attempt: int, column: Column, epoch: int | None, at: datetime | None
    ) -> None:
        """Stage many points of one series; `at` is the reporter's own time of them."""
        self._points.add_column(
            task.id, attempt, column, epoch, self.now if at is None else min(at, self.now)
        )

    def remember(self, task: Task, happening: Happening) -> None:
        """Stage a line of the task's history."""
        self._journal.remember(task, happening, now=self.now)

    def notify(self, level: str, title: str, message: str | None, *, task_id: int | None = None) -> int:
        """Insert a notification and return its id."""
        return self._journal.notify(level, title, message, task_id=task_id, now=self.now)

    def audit(self, actor: Actor, action: str, target: str, *, at: datetime | None = None) -> None:
        """Stage a line of the audit log; `action` is a word or two in the past tense, such as "signed in".

        It was done `at` that time, now unless said.
        """
        self._journal.audit(actor, action, target, now=at or self.now)

    def gpu_seen(self, host: str | None, name: str, reading: GpuReading | None) -> Gpu:
        """Return the GPU of that host and name, made if new, and stage what `reading` says of it."""
        gpu = self._cache.gpu(host or "", name)
        if gpu is None:
            row = {"host": host or "", "name": name, "revision": 0, "created_at": self.now}
            gpu_id = self._connection.execute(insert(GPUS).values(row).returning(GPUS.c.id)).scalar_one()
            gpu = Gpu(id=gpu_id, host=host or "", name=name)
            self.put_gpu(gpu)
        if reading is not None:
            gpu = gpu.read(reading, at=self.now)
            self.put_gpu(gpu)
        return gpu

    def put_gpu(self, gpu: Gpu) -> None:
        """Stage a GPU as it stands now."""
        self._cache.put_gpu(gpu)
        self._gpus[gpu.id] = gpu

    # The transaction

    def begin(self, now: datetime) -> None:
        """Start anew at `now`; the transaction itself opens with the first statement.

        Raises:
            DataDirLockedError: If another server writes by now.
        """
        if self._lock is not None:
            self._lock.hold()
        self.now = now
        self._cache.trim()
        self._points.trim()
        self._tracked.trim()

    def check(self) -> None:
        """Find out whether the database is there and still ours.

        Raises:
            DataDirLockedError: If another server writes by now.
            OperationalError: If it cannot be reached.
        """
        if self._lock is not None:
            self._lock.check()

    def commit(self) -> list[Event]:
        """Write what is staged, commit, and return what to publish, in the order it happened."""
        events = self.flush()
        self._connection.commit()
        return events

    def flush(self) -> list[Event]:
        """Write what is staged, and return what to publish once it is committed."""
        self._write()
        events = self._events()
        self._points.settle()
        self._tracked.settle()
        self._clear()
        return events

    @contextmanager
    def apart(self) -> Generator[None]:
        """Undo what is done within, and that alone, if it ends in an error; what was done before must be flushed."""
        savepoint = self._connection.begin_nested()
        try:
            yield
            savepoint.commit()
        except TrainwatchError:
            savepoint.commit()  # it has changed nothing
            raise
        except Exception:
            savepoint.rollback()
            self._forget_staged()
            raise

    def roll_back(self) -> None:
        """Undo the transaction and forget everything that was read or staged."""
        try:
            self._connection.rollback()
        except SQLAlchemyError:
            self._connection.invalidate()  # it is lost: the next statement opens another
        self._forget()

    def _forget_staged(self) -> None:
        """Forget what was changed since the last flush; what is at hand of all else is as it was."""
        if self._removed:
            self._forget()
            return
        self._cache.forget(self._touched, self._gpus)
        self._points.forget_staged()
        self._tracked.forget_staged()
        self._clear()

    def _forget(self) -> None:
        self._cache.clear()
        self._points.clear()
        self._tracked.clear()
        self._remains.forget()
        self._clear()

    def recover(self) -> None:
        """Take up what a server that died left undone."""
        self._points.recover()

    def reduce(self) -> None:
        """Bring the reductions of the series that grew up to date."""
        self._points.reduce()

    def sweep(self) -> None:
        """Take away a slice of what is left of deleted tasks."""
        self._remains.sweep()

    def _write(self) -> None:
        changes = [(before, self._cache.raise_revision(task_id)) for task_id, before in self._touched.items()]
        self._task_updates.run(self._connection, changes)
        self._attempts.write()
        if self._attempts.are_staged:
            jobs.note_status(self._connection, [task for _, task in changes if is_job(task)], now=self.now)
        if self._gpus:
            self._gpus = {gpu_id: self._cache.raise_gpu_revision(gpu_id) for gpu_id in self._gpus}
            self._connection.execute(_UPDATE_GPU, [gpu.row() for gpu in self._gpus.values()])
        self._points.write()
        self._tracked.write(self.now)
        self._journal.write()
        self.receipts.write()

    def _events(self) -> list[Event]:
        events: list[Event] = [GpuChanged(gpu) for gpu in self._gpus.values()]
        for task_id, before in self._touched.items():
            task = self._cache.known(task_id)
            points = self._points.points_of(task_id, task.attempt)
            events.append(TaskChanged(task, before.revision if before else 0, points))
        events += self._tracked.told
        events += [TaskRemoved(task_id) for task_id in self._removed]
        events += self._journal.told
        events += self.credentials.told
        return events
