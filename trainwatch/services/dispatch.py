"""Who runs next: lets waiting jobs start in their order, and writes down what their runners observe."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime

import structlog

from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Event, LogGrown
from trainwatch.domain.job import JobSpec
from trainwatch.domain.job import Runner as RunnerName
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.domain.text import clean_line
from trainwatch.errors import TrainwatchError
from trainwatch.runners.base import (
    UNASKED,
    AttemptKey,
    Ended,
    Launch,
    Logged,
    Observation,
    Observed,
    Runner,
    Stopping,
    Understood,
)
from trainwatch.services.jobs import (
    begin_attempt,
    end_attempt,
    note_kill,
    note_rules,
    note_stage,
    observe,
    stop_job,
)
from trainwatch.store.engine import Database
from trainwatch.store.jobs import running_jobs, stops_asked, waiting_jobs
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

RETRY_S = 5.0
"""How long to wait before an observation is offered to the database again."""

log = structlog.get_logger()


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
    ) -> None:
        """Run the jobs of `database` with `runners`, change them through `writer`, and tell through `publish` what they print."""
        self._database = database
        self._writer = writer
        self._runners = runners
        self._clock = clock
        self._publish = publish
        self._attended: dict[AttemptKey, asyncio.Task[None]] = {}
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
        attended = [*self._attended.values(), *self._asking]
        for each in attended:
            each.cancel()
        await asyncio.gather(*attended, return_exceptions=True)

    async def _resume(self) -> None:
        """Take up what runs, and the rest of what ended before the last server had read it; again is harmless."""
        running, asked = await asyncio.to_thread(self._read_running)
        for task, spec in running:
            if AttemptKey(task.id, task.attempt) not in self._attended:
                self._attend(task, spec, is_new=False)
                if task.id in asked:
                    self._remind(task, by=asked[task.id])
        for runner in self._runners.values():
            for key, rest in (await runner.unfinished()).items():
                if key not in self._attended:
                    self._attend_to(key, rest, has_ended=True)

    def executes(self, task_id: int) -> bool:
        """Return whether an attempt of that task runs here, or may: not all are known while the server starts."""
        attended = (key.task_id for key in self._attended)
        return not self._has_resumed or task_id in self._beginning or task_id in attended

    async def stop(self, task_id: int, actor: Actor, over: str | None = None) -> Task:
        """Stop a job that waits or runs, and return it; that it has ended is observed later.

        To ask again changes nothing. With `over` the stage of stopping of that name ends at once, if it is the present one.

        Raises:
            NotFoundError: If there is no such job.
            ConflictError: If it has ended, or nobody has asked it to start.
        """
        task = await self._writer.submit(lambda work: stop_job(work, actor, task_id, over))
        key = AttemptKey(task.id, task.attempt)
        if key in self._attended:
            await self._runners[RunnerName(task.source)].stop(key, by=actor.name, over=over)
        self.look()
        return task

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
        self._attend_to(launch.key, runner.run(launch))

    def _attend_to(
        self, key: AttemptKey, observations: AsyncIterator[Observation], *, has_ended: bool = False
    ) -> None:
        following = self._follow(key, observations, has_ended=has_ended)
        attending = asyncio.create_task(following, name=f"job {key.task_id}")
        self._attended[key] = attending
        attending.add_done_callback(lambda _: self._forget(key))

    def _remind(self, task: Task, *, by: str) -> None:
        """Ask an attempt to stop that was asked before the server ended, and may not have heard of it; it is never hurried."""
        runner, key = self._runners.get(RunnerName(task.source)), AttemptKey(task.id, task.attempt)
        if runner is None:
            return
        asking = asyncio.create_task(runner.stop(key, by=by, over=UNASKED))
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
        command = _command_for(key, observation)
        while command is not None:
            try:
                await self._writer.submit(command)
            except TrainwatchError as error:
                log.warning("observation_not_kept", job_id=key.task_id, reason=error.message)
                await asyncio.sleep(RETRY_S)
            else:
                return


def _command_for(key: AttemptKey, observation: Observation) -> Callable[[Work], object] | None:
    """Return what writes an observation down; None for one that is not kept."""
    task_id = key.task_id
    match observation:
        case Observed(report):
            return lambda work: observe(work, task_id, report)
        case Understood(rules):
            return lambda work: note_rules(work, task_id, key.attempt, rules)
        case Stopping(stage=stage, ends_at=ends_at):
            return lambda work: note_stage(work, task_id, stage, ends_at)
        case Ended() as end:
            return lambda work: _end(work, key, end)
        case _:
            return None


def _end(work: Work, key: AttemptKey, end: Ended) -> None:
    report = Report(attempt=key.attempt, status=end.status, message=clean_line(end.reason))
    if end.was_killed:
        note_kill(work, key.task_id, report)
    end_attempt(work, key.task_id, report, end.exit_code)
