"""Who runs next: lets waiting jobs start in their order, and writes down what their runners observe."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Event, LogGrown
from trainwatch.domain.job import JobSpec
from trainwatch.domain.job import Runner as RunnerName
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.errors import TrainwatchError
from trainwatch.runners.base import UNASKED, AttemptKey, Ended, Launch, Logged, Observation, Runner
from trainwatch.services.jobs import begin_attempt, note_stop, stop_job
from trainwatch.services.observations import command_for
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.store.engine import Database
from trainwatch.store.jobs import running_jobs, stops_asked, waiting_jobs
from trainwatch.store.writer import Writer

RETRY_S = 5.0
"""How long to wait before an observation is offered to the database again."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Attended:
    """An attempt of which something may still be told; `has_ended` once its end was."""

    runner: RunnerName
    following: asyncio.Task[None]
    has_ended: bool


class Dispatcher:
    """Owns every attempt that runs here. Belongs to the event loop."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        runners: Mapping[RunnerName, Runner],
        *,
        clock: Callable[[], datetime],
        publish: Callable[[Sequence[Event]], None] = lambda events: None,
        pending: PendingWrites | None = None,
    ) -> None:
        """Run the jobs of `database` with `runners`, change them through `writer`, and tell through `publish` what they print.

        Stops are acted on before they are written, through `pending`.
        """
        self._database = database
        self._writer = writer
        self._runners = runners
        self._clock = clock
        self._publish = publish
        self._pending = pending or PendingWrites(writer)
        self._attended: dict[AttemptKey, _Attended] = {}
        self._beginning: set[int] = set()
        self._asking: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._has_resumed = False

    def look(self) -> None:
        """Look soon whether a job may start."""
        self._news.set()

    async def step(self) -> None:
        """Take up what was running, or wait for news and start what waits for its turn."""
        if not self._has_resumed:
            await self._resume()
            self._has_resumed = True
            self.look()
        await self._news.wait()
        self._news.clear()
        try:
            await self._start_waiting()
        except Exception:
            self._has_resumed = False  # one that was begun may have nobody who attends to it
            raise

    async def close(self) -> None:
        """Let go of the attempts that run, without ending them."""
        attended = [*(each.following for each in self._attended.values()), *self._asking]
        for each in attended:
            each.cancel()
        await asyncio.gather(*attended, return_exceptions=True)
        await self._pending.close()

    async def _resume(self) -> None:
        """Take up what runs, and the rest of what ended before the last server had read it; again is harmless."""
        running, asked = await asyncio.to_thread(self._read_running)
        for task, spec in running:
            if AttemptKey(task.id, task.attempt) not in self._attended:
                self._attend(task, spec, is_new=False)
                if task.id in asked:
                    self._remind(task, by=asked[task.id])
        for name, runner in self._runners.items():
            for key, rest in (await runner.unfinished()).items():
                if key not in self._attended:
                    self._attend_to(key, name, rest, has_ended=True)

    def executes(self, task_id: int) -> bool:
        """Return whether an attempt of that task runs here, or may: not all are known while the server starts."""
        attended = (key.task_id for key in self._attended)
        return not self._has_resumed or task_id in self._beginning or task_id in attended

    def runner_of(self, task_id: int) -> RunnerName | None:
        """Return what runs an attempt of that task here, without a look into the database; None if nothing does."""
        key = self._running_key(task_id)
        return None if key is None else self._attended[key].runner

    async def stop(self, task_id: int, actor: Actor, over: str | None = None) -> bool:
        """Stop a job that waits or runs, and return whether that is written down; that it has ended is observed later.

        What runs here is stopped whether the database can be written or not; its record comes as soon as it can.
        To ask again changes nothing. With `over` the stage of stopping of that name ends at once, if it is the present one.

        Raises:
            NotFoundError: If there is no such job.
            ConflictError: If it has ended, or nobody has asked it to start.
            UnavailableError: If it does not run here and the database cannot be written, or its runner cannot be asked.
        """
        key, at = self._running_key(task_id), self._clock()
        if key is not None:
            writing = self._pending.begin(
                lambda work: note_stop(work, actor, task_id, attempt=key.attempt, over=over, at=at)
            )
            await self._runners[self._attended[key].runner].stop(key, by=actor.name, over=over)
            return await self._pending.is_written(writing)
        task = await self._writer.submit(lambda work: stop_job(work, actor, task_id, over), urgent=True)
        key = AttemptKey(task.id, task.attempt)
        if key in self._attended:
            await self._runners[RunnerName(task.source)].stop(key, by=actor.name, over=over)
        self.look()
        return True

    def _running_key(self, task_id: int) -> AttemptKey | None:
        """Return the attempt of a task that runs here, as far as anybody has told."""
        keys = (key for key, each in self._attended.items() if key.task_id == task_id and not each.has_ended)
        return next(keys, None)

    def _read(self, query: Callable[..., list[tuple[Task, JobSpec]]]) -> list[tuple[Task, JobSpec]]:
        with self._database.reading() as connection:
            return query(connection)

    def _read_running(self) -> tuple[list[tuple[Task, JobSpec]], dict[int, str]]:
        with self._database.reading() as connection:
            return running_jobs(connection), stops_asked(connection)

    async def _start_waiting(self) -> None:
        for task, spec in await asyncio.to_thread(self._read, waiting_jobs):
            runner = self._runners.get(spec.runner)
            if runner is not None and runner.has_room_for(spec):
                await self._start(task.id, spec)

    async def _start(self, task_id: int, spec: JobSpec) -> None:
        self._beginning.add(task_id)
        try:
            begun = await self._writer.submit(lambda work: begin_attempt(work, task_id))
            if begun is not None:
                self._attend(begun, spec, is_new=True)
        finally:
            self._beginning.discard(task_id)

    def _attend(self, task: Task, spec: JobSpec, *, is_new: bool) -> None:
        runner = self._runners.get(spec.runner)
        if runner is None:
            return  # another machine runs it
        launch = Launch(
            key=AttemptKey(task.id, task.attempt),
            spec=spec,
            is_new=is_new,
            started_at=task.started_at or self._clock(),
            done_steps=task.current_step or 0,
        )
        self._attend_to(launch.key, spec.runner, runner.run(launch))

    def _attend_to(
        self,
        key: AttemptKey,
        runner: RunnerName,
        observations: AsyncIterator[Observation],
        *,
        has_ended: bool = False,
    ) -> None:
        following = self._follow(key, observations, has_ended=has_ended)
        attending = asyncio.create_task(following, name=f"job {key.task_id}")
        self._attended[key] = _Attended(runner, attending, has_ended=has_ended)
        attending.add_done_callback(lambda _: self._forget(key))

    def _remind(self, task: Task, *, by: str) -> None:
        """Ask an attempt to stop that was asked before the server ended, and may not have heard of it; it is never hurried."""
        runner = self._runners.get(RunnerName(task.source))
        if runner is None:
            return
        asking = asyncio.create_task(_ask_again(runner, AttemptKey(task.id, task.attempt), by))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    def _forget(self, key: AttemptKey) -> None:
        del self._attended[key]
        self.look()

    async def _follow(
        self, key: AttemptKey, observations: AsyncIterator[Observation], *, has_ended: bool
    ) -> None:
        """Write down what a runner observes, to the end; a runner that breaks has failed its attempt, unless that `has_ended`."""
        try:
            async for observation in observations:
                self._attended[key].has_ended |= isinstance(observation, Ended)
                await self._keep(key, observation)
                if isinstance(observation, Ended):
                    has_ended = True
                    self.look()  # its place is free, though more may be told of it
        except Exception as error:
            log.exception("runner_failed", job_id=key.task_id, attempt=key.attempt)
            if not has_ended:
                reason = f"the runner failed: {error}"
                await self._keep(key, Ended(status=Status.FAILED, reason=reason))

    async def _keep(self, key: AttemptKey, observation: Observation) -> None:
        """Write one observation, and try again for as long as the database cannot take it; of a log only its size is told."""
        if isinstance(observation, Logged):
            self._publish([LogGrown(key.task_id, key.attempt, observation.size)])
        command = command_for(key, observation)
        while command is not None:
            try:
                await self._writer.submit(command, urgent=isinstance(observation, Ended))
            except TrainwatchError as error:
                log.warning("observation_not_kept", job_id=key.task_id, reason=error.message)
                await asyncio.sleep(RETRY_S)
            else:
                return


async def _ask_again(runner: Runner, key: AttemptKey, by: str) -> None:
    try:
        await runner.stop(key, by=by, over=UNASKED)
    except TrainwatchError as error:
        log.warning("stop_not_repeated", job_id=key.task_id, reason=error.message)
