"""Stopping and ending tasks by hand asks for more where the task is a job."""

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
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError, UnauthorizedError
from trainwatch.runners.simulated import SimulatedRunner
from trainwatch.services import look
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import begin_attempt, create_job, start_job
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

OPERATOR = Identity(Actor("session", "olga", 7), LOCAL.rights | {Right.OPERATE})
SIMULATED = JobSpec(name="simulated", model_name="m", epochs=1_000)
REAL = JobSpec(name="real", model_name="m", epochs=1, runner=Runner.LOCAL, options=CommandOptions())
PATIENCE_S = 15


class Site:
    """A server's inside, whose only runner pretends."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.writer = Writer(database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
        runners = {Runner.SIMULATED: SimulatedRunner(most_at_once=10)}
        self.dispatcher = Dispatcher(database, self.writer, runners, clock=lambda: datetime.now(UTC))
        self.control = TaskControl(database, self.writer, self.dispatcher)

    async def waiting(self, spec: JobSpec) -> int:
        """Make a job that was asked to start, and return its id."""
        job = await self.writer.submit(lambda work: create_job(work, CONSOLE, spec))
        await self.writer.submit(lambda work: start_job(work, CONSOLE, job.id))
        return job.id

    async def running(self, spec: JobSpec) -> int:
        """Make a job that the database says runs, whether somebody executes it or not, and return its id."""
        job = await self.waiting(spec)
        if spec.runner is Runner.SIMULATED:
            self.dispatcher.look()
        else:
            await self.writer.submit(lambda work: begin_attempt(work, job))
        await self.until(lambda: self.status(job) is Status.RUNNING)
        return job

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
        loops = BackgroundLoops(clock=lambda: datetime.now(UTC))
        loops.add("jobs", site.dispatcher.step)
        try:
            async with loops.running():
                await site.until(lambda: not site.dispatcher.executes(0))
                await scene(site)
        finally:
            await site.dispatcher.close()
            await site.writer.close()

    asyncio.run(whole())


def test_a_reported_task_is_ended_by_whoever_may_annotate(database: Database):
    async def scene(site: Site) -> None:
        answer = await site.writer.submit(lambda work: ingest(work, parse({"taskName": "bert"})))
        assert answer.task_id is not None
        await site.control.end(LOCAL, answer.task_id, "failed")
        assert site.status(answer.task_id) is Status.FAILED

    on_site(database, scene)


def test_a_job_that_is_executed_here_is_to_be_stopped_instead(database: Database):
    async def scene(site: Site) -> None:
        job = await site.running(SIMULATED)
        with pytest.raises(ConflictError, match="stop it instead"):
            await site.control.end(OPERATOR, job, "failed")
        assert site.status(job) is Status.RUNNING

    on_site(database, scene)


def test_a_job_that_nobody_executes_is_ended_by_whoever_may_run_it(database: Database):
    async def scene(site: Site) -> None:
        job = await site.running(REAL)
        with pytest.raises(UnauthorizedError, match="operate"):
            await site.control.end(LOCAL, job, "failed")
        assert site.status(job) is Status.RUNNING
        await site.control.end(OPERATOR, job, "stopped")
        assert site.status(job) is Status.STOPPED

    on_site(database, scene)


def test_what_is_not_there_cannot_be_ended(database: Database):
    async def scene(site: Site) -> None:
        with pytest.raises(NotFoundError):
            await site.control.end(LOCAL, 9, "failed")

    on_site(database, scene)


def test_the_script_of_a_reported_task_is_asked_by_whoever_may_annotate(database: Database):
    async def scene(site: Site) -> None:
        answer = await site.writer.submit(lambda work: ingest(work, parse({"taskName": "bert"})))
        assert answer.task_id is not None
        await site.control.stop(LOCAL, answer.task_id, stop=True)
        again = await site.writer.submit(lambda work: ingest(work, parse({"taskName": "bert", "step": 1})))
        assert again.stop

    on_site(database, scene)


@pytest.mark.parametrize("waits", [True, False])
def test_a_real_job_is_stopped_as_a_task_only_by_whoever_may_run_it(database: Database, *, waits: bool):
    async def scene(site: Site) -> None:
        job = await site.waiting(REAL) if waits else await site.running(REAL)
        before = look.task_only(database, job)
        for stop in (True, False):
            with pytest.raises(UnauthorizedError, match="operate"):
                await site.control.stop(LOCAL, job, stop=stop)
        assert look.task_only(database, job) == before
        await site.control.stop(OPERATOR, job, stop=True)
        after = look.task_only(database, job)
        assert after is not None
        assert (after.start_requested_at is None, after.stop_requested_at is None) == (True, waits)
        with pytest.raises(ConflictError, match="does not go on"):
            await site.control.stop(OPERATOR, job, stop=False)

    on_site(database, scene)


def test_a_simulated_job_is_stopped_as_a_task_by_whoever_may_simulate(database: Database):
    async def scene(site: Site) -> None:
        job = await site.running(SIMULATED)
        await site.control.stop(LOCAL, job, stop=True)
        await site.until(lambda: site.status(job) is Status.STOPPED)

    on_site(database, scene)


@pytest.mark.parametrize("over", ["running", "killing", "", 1, ["interrupting"]])
def test_only_a_stage_that_has_an_end_can_be_hurried(database: Database, over: object):
    async def scene(site: Site) -> None:
        job = await site.running(SIMULATED)
        with pytest.raises(BadRequestError, match="interrupting or terminating"):
            await site.control.stop_job(LOCAL, job, over)
        assert site.status(job) is Status.RUNNING

    on_site(database, scene)
