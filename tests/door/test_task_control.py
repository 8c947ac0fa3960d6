"""Ending tasks by hand asks for more where the task is a job, and leaves those alone that are executed here."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.job import CommandOptions, JobSpec, Runner
from trainwatch.domain.payload import parse
from trainwatch.domain.status import Status
from trainwatch.door.identity import LOCAL, Identity
from trainwatch.door.rights import Right
from trainwatch.door.task_control import TaskControl
from trainwatch.errors import ConflictError, NotFoundError, UnauthorizedError
from trainwatch.runners.simulated import SimulatedRunner
from trainwatch.services import look
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import begin_attempt, create_job, start_job
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

OPERATOR = Identity(Actor("session", "olga", 7), LOCAL.rights | {Right.OPERATE})
SIMULATED = JobSpec(name="simulated", model_name="m", epochs=1_000)
REAL = JobSpec(name="real", model_name="m", epochs=1, runner=Runner.AGENT, options=CommandOptions())
PATIENCE_S = 15


class Site:
    """A server's inside, whose only runner pretends."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.writer = Writer(database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
        runners = {Runner.SIMULATED: SimulatedRunner(most_at_once=10)}
        self.dispatcher = Dispatcher(database, self.writer, runners, clock=lambda: datetime.now(UTC))
        self.control = TaskControl(database, self.writer, self.dispatcher)

    async def running(self, spec: JobSpec) -> int:
        """Make a job that the database says runs, whether somebody executes it or not."""
        job = await self.writer.submit(lambda work: create_job(work, CONSOLE, spec))
        await self.writer.submit(lambda work: start_job(work, CONSOLE, job.id))
        if spec.runner is Runner.SIMULATED:
            self.dispatcher.look()
        else:
            await self.writer.submit(lambda work: begin_attempt(work, job.id))
        await self.until(lambda: self.status(job.id) is Status.RUNNING)
        return job.id

    def status(self, task_id: int) -> Status:
        task = look.task_only(self.database, task_id)
        assert task is not None
        return task.training_status

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - what is awaited is in the database
                await asyncio.sleep(0.005)


def on_site(database: Database, scene: Callable[[Site], Awaitable[None]]) -> None:
    """Play `scene` where the dispatcher runs."""

    async def whole() -> None:
        site = Site(database)
        site.writer.start()
        running = asyncio.create_task(site.dispatcher.run())
        try:
            await site.until(lambda: not site.dispatcher.executes(0))
            await scene(site)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await site.writer.close()

    asyncio.run(whole())


def test_a_reported_task_is_ended_by_whoever_may_annotate(database: Database):
    async def scene(site: Site) -> None:
        answer = await site.writer.submit(lambda work: ingest(work, parse({"taskName": "bert"})))
        assert answer.task_id is not None
        await site.control.end(LOCAL, answer.task_id, Status.FAILED)
        assert site.status(answer.task_id) is Status.FAILED

    on_site(database, scene)


def test_a_job_that_is_executed_here_is_to_be_stopped_instead(database: Database):
    async def scene(site: Site) -> None:
        job = await site.running(SIMULATED)
        with pytest.raises(ConflictError, match="stop it instead"):
            await site.control.end(OPERATOR, job, Status.FAILED)
        assert site.status(job) is Status.RUNNING

    on_site(database, scene)


def test_a_job_that_nobody_executes_is_ended_by_whoever_may_run_it(database: Database):
    async def scene(site: Site) -> None:
        job = await site.running(REAL)
        with pytest.raises(UnauthorizedError, match="operate"):
            await site.control.end(LOCAL, job, Status.FAILED)
        assert site.status(job) is Status.RUNNING
        await site.control.end(OPERATOR, job, Status.STOPPED)
        assert site.status(job) is Status.STOPPED

    on_site(database, scene)


def test_what_is_not_there_cannot_be_ended(database: Database):
    async def scene(site: Site) -> None:
        with pytest.raises(NotFoundError):
            await site.control.end(LOCAL, 9, Status.FAILED)

    on_site(database, scene)
