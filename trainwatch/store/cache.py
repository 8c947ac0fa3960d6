"""What the writer keeps at hand: tasks and GPUs as they stand after the commands so far."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from operator import attrgetter

from sqlalchemy import ColumnElement, Connection, select

from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.store.gpus import Gpu, gpu_from_row
from trainwatch.store.tables import GPUS, TASKS
from trainwatch.store.tasks import LIVING, task_from_row

MOST_TASKS = 20_000
_NAMESAKES = 1_000

_found_by = attrgetter("reported_name", "external_id", "gpu_id")
_LIVE = [status.value for status in Status if not status.is_terminal]


class Cache:
    """Reads through the writer's own connection; belongs to the writer's thread alone."""

    def __init__(self, connection: Connection) -> None:
        """Start empty."""
        self._connection = connection
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._tasks: dict[int, Task] = {}
        self._names: dict[str, set[int]] = {}
        self._runs: dict[str, int] = {}
        self._on_gpu: dict[int, set[int]] = {}
        self._gpus: dict[int, Gpu] = {}
        self._gpu_ids: dict[tuple[str, str], int] = {}

    def trim(self) -> None:
        """Forget everything if it has grown too large; call between transactions only."""
        if len(self._tasks) > MOST_TASKS:
            self.clear()

    def known(self, task_id: int) -> Task:
        """Return a task that was put during this transaction."""
        return self._tasks[task_id]

    def task(self, task_id: int) -> Task | None:
        """Return the task of that id."""
        return self._tasks.get(task_id) or self._load_one(TASKS.c.id == task_id)

    def tasks_named(self, name: str) -> list[Task]:
        """Return the latest tasks that are reported under `name`, at most a thousand."""
        if name not in self._names:
            self._names[name] = self._load(TASKS.c.reported_name == name)
        return [task for task in self._all(self._names[name]) if task.reported_name == name]

    def task_of_run(self, run_id: str) -> Task | None:
        """Return the task whose external id is `run_id`."""
        task_id = self._runs.get(run_id)
        task = None if task_id is None else self.task(task_id)
        if task is not None and task.external_id == run_id:
            return task
        return self._load_one(TASKS.c.external_id == run_id)

    def live_task_on(self, gpu_id: int) -> Task | None:
        """Return the task on that GPU, not ended, that was reported last."""
        if gpu_id not in self._on_gpu:
            loaded = self._load(TASKS.c.gpu_id == gpu_id, TASKS.c.training_status.in_(_LIVE))
            moved = {task.id for task in self._tasks.values() if task.gpu_id == gpu_id}  # not yet written
            self._on_gpu[gpu_id] = loaded | moved
        live = [
            task for task in self._all(self._on_gpu[gpu_id]) if task.gpu_id == gpu_id and not task.is_ended
        ]
        return max(live, key=lambda task: (task.last_updated, task.id), default=None)

    def put(self, task: Task) -> Task | None:
        """Keep `task` as it stands now; return what was known of it before."""
        before = self._tasks.get(task.id)
        self._tasks[task.id] = task
        if before is None or _found_by(before) != _found_by(task):
            if before is not None and task.reported_name is not None:
                self.tasks_named(task.reported_name)  # not yet written, so a later query would miss it
            self._index(task)
        return before

    def forget(self, task_ids: Iterable[int], gpu_ids: Collection[int]) -> None:
        """Forget tasks and GPUs whose changes were undone: the database has them as they were, or not at all."""
        for task_id in task_ids:
            self._tasks.pop(task_id, None)
        if gpu_ids:
            self._gpus = {gpu_id: gpu for gpu_id, gpu in self._gpus.items() if gpu_id not in gpu_ids}
            self._gpu_ids = {key: gpu_id for key, gpu_id in self._gpu_ids.items() if gpu_id not in gpu_ids}

    def remove(self, task_id: int) -> None:
        """Forget a task that is no longer there."""
        task = self._tasks.pop(task_id, None)
        if task is not None and task.external_id is not None:
            self._runs.pop(task.external_id, None)
        for task_ids in (*self._names.values(), *self._on_gpu.values()):
            task_ids.discard(task_id)

    def raise_revision(self, task_id: int) -> Task:
        """Return the task with the next revision, and keep it so."""
        task = self._tasks[task_id]
        task = self._tasks[task_id] = task.replaced(revision=task.revision + 1)
        return task

    def gpu(self, host: str, name: str) -> Gpu | None:
        """Return the GPU of that host and name."""
        gpu_id = self._gpu_ids.get((host, name))
        if gpu_id is not None:
            return self._gpus[gpu_id]
        query = select(GPUS).where(GPUS.c.host == host, GPUS.c.name == name).order_by(GPUS.c.id).limit(1)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        gpu = gpu_from_row(row)
        self.put_gpu(gpu)
        return gpu

    def gpu_of(self, gpu_id: int) -> Gpu | None:
        """Return the GPU of that id."""
        if gpu_id not in self._gpus:
            row = self._connection.execute(select(GPUS).where(GPUS.c.id == gpu_id)).first()
            if row is None:
                return None
            self._gpus[gpu_id] = gpu_from_row(row)
        return self._gpus[gpu_id]

    def put_gpu(self, gpu: Gpu) -> None:
        """Keep `gpu` as it stands now."""
        self._gpus[gpu.id] = gpu
        self._gpu_ids.setdefault((gpu.host, gpu.name), gpu.id)

    def raise_gpu_revision(self, gpu_id: int) -> Gpu:
        """Return the GPU with the next revision, and keep it so."""
        gpu = self._gpus[gpu_id]
        gpu = self._gpus[gpu_id] = replace(gpu, revision=gpu.revision + 1)
        return gpu

    def _all(self, task_ids: Iterable[int]) -> list[Task]:
        known = self._tasks
        return [
            task for task_id in task_ids if (task := known.get(task_id) or self.task(task_id)) is not None
        ]

    def _index(self, task: Task) -> None:
        """Add a task to those lookups that are already loaded; the others will find it in the database."""
        if task.reported_name in self._names:
            self._names[task.reported_name].add(task.id)
        if task.external_id is not None:
            self._runs[task.external_id] = task.id
        if task.gpu_id in self._on_gpu:
            self._on_gpu[task.gpu_id].add(task.id)

    def _load_one(self, condition: ColumnElement[bool]) -> Task | None:
        for task_id in self._load(condition):
            return self._tasks[task_id]
        return None

    def _load(self, *conditions: ColumnElement[bool]) -> set[int]:
        """Read tasks; those at hand are newer than the database and stay as they are."""
        query = (
            select(TASKS).where(*conditions, LIVING).order_by(TASKS.c.last_updated.desc()).limit(_NAMESAKES)
        )
        ids: set[int] = set()
        for row in self._connection.execute(query):
            ids.add(row.id)
            if row.id not in self._tasks:
                self.put(task_from_row(row))
        return ids
