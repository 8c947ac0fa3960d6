"""Real jobs that are started and stopped all at once: nothing breaks, and nothing of them is left running."""

import asyncio
import random
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.job import CommandOptions, JobSpec, Runner
from trainwatch.domain.status import Status
from trainwatch.domain.template_command import Command
from trainwatch.errors import ConflictError, InvalidJobError
from trainwatch.runners.base import AttemptKey
from trainwatch.runners.gpus import Gpus
from trainwatch.runners.local import LocalRunner
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.jobs import create_job, start_job
from trainwatch.store.engine import Database
from trainwatch.store.tasks import find_task
from trainwatch.store.writer import Writer
from trainwatch.supervisor.attempt import Handle, adopt

PROGRAMS = {
    "sleeps": (sys.executable, "-S", "-c", "import time; time.sleep(600)"),
    "ends": (sys.executable, "-S", "-c", "print('loss=0.5')"),
    "is not there": ("/no/such/program",),
    "is not offered": (),
}
ROUNDS = 20
PATIENCE_S = 60


def command_of(spec: JobSpec, task_id: int) -> Command:
    if not spec.command.command:
        raise InvalidJobError({"template": "is not offered"})
    return Command(argv=spec.command.command, cwd=None, grace_interrupt_s=0.2, grace_terminate_s=0.2, env={})


async def environment_of(key: AttemptKey) -> Mapping[str, str]:
    return {}


async def press(dispatcher: Dispatcher, writer: Writer, job: int, chance: random.Random) -> None:
    """Start and stop a job, many times, without waiting for what comes of it."""
    for _ in range(ROUNDS):
        try:
            if chance.random() < 0.5:
                await writer.submit(lambda work: start_job(work, CONSOLE, job))
                dispatcher.look()
            else:
                await dispatcher.stop(job, CONSOLE, chance.choice([None, "interrupting", "terminating"]))
        except ConflictError:
            pass  # it runs already, or has ended
        await asyncio.sleep(chance.choice([0, 0, 0.01, 0.05, 0.2]))


async def stop_whatever_runs(database: Database, dispatcher: Dispatcher, jobs: list[int]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while busy := [job for job in jobs if is_busy(database, job)]:
            for job in busy:
                with suppress(ConflictError):
                    await dispatcher.stop(job, CONSOLE, "terminating")
            await asyncio.sleep(0.05)


def is_busy(database: Database, job: int) -> bool:
    with database.reading() as connection:
        task = find_task(connection, job)
    assert task is not None
    return task.training_status is Status.RUNNING or task.start_requested_at is not None


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_of_starts_and_stops_breaks_nothing_and_leaves_no_job_running(
    sqlite_database: Database, tmp_path: Path, seed: int
):
    database, attempts = sqlite_database, tmp_path / "attempts"

    async def storm() -> None:
        writer = Writer(database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
        runner = LocalRunner(attempts, command_of, environment_of, most_at_once=3, gpus=Gpus(lambda: 0))
        dispatcher = Dispatcher(database, writer, {Runner.LOCAL: runner}, clock=lambda: datetime.now(UTC))
        loops = BackgroundLoops(clock=lambda: datetime.now(UTC))
        loops.add("jobs", dispatcher.step)
        writer.start()
        try:
            jobs: list[int] = []
            for name, command in (*PROGRAMS.items(), *PROGRAMS.items()):
                options = CommandOptions(command=command)
                spec = JobSpec(name=name, model_name="m", epochs=1, runner=Runner.LOCAL, options=options)
                jobs.append((await writer.submit(lambda work, spec=spec: create_job(work, CONSOLE, spec))).id)
            async with loops.running():
                await asyncio.gather(
                    *(press(dispatcher, writer, job, random.Random(seed * job)) for job in jobs)
                )
                await stop_whatever_runs(database, dispatcher, jobs)
            assert loops.failures == []
        finally:
            await dispatcher.close()
            await writer.close()

    with capture_logs() as logged:
        asyncio.run(storm())
    assert [line for line in logged if line["log_level"] in ("error", "critical")] == []
    started = [path for path in attempts.iterdir() if (path / "launch.json").exists()]
    assert started
    assert not [path for path in started if isinstance(adopt(path), Handle)]
