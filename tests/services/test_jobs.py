"""Jobs on a real writer and a real database: they wait their turn, run, end once, and are taken up again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from tests.plugins.outage import locked
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.events import Event, LogGrown
from trainwatch.domain.job import CommandOptions, JobSpec, Runner, SimulatedOptions
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.errors import ConflictError, NotFoundError
from trainwatch.runners.base import AttemptKey, Ended, Launch, Logged, Observation, Observed, Understood
from trainwatch.services import look
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.edit import archive_task
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import create_job, end_attempt, note_stage, start_job
from trainwatch.services.keys import give_job_key
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.store.audit import list_audit
from trainwatch.store.engine import Database
from trainwatch.store.history import list_attempts
from trainwatch.store.series import metric_rows
from trainwatch.store.tasks import find_task
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

PATIENCE_S = 10


@dataclass
class Puppet:
    """A `Runner` whose attempts do what a test says: a real one, without a clock of its own."""

    most_at_once: int = 10
    obeys: bool = True
    open: set[AttemptKey] = field(default_factory=set)  # type: ignore[assignment]
    launches: list[Launch] = field(default_factory=list[Launch])
    lines: dict[AttemptKey, "asyncio.Queue[Observation | Exception]"] = field(default_factory=dict)  # type: ignore[assignment]
    rests: list[AttemptKey] = field(default_factory=list[AttemptKey])
    stopped: list[tuple[AttemptKey, str, str | None]] = field(default_factory=list)  # type: ignore[assignment]

    def has_room_for(self, spec: JobSpec) -> bool:
        return len(self.open) < self.most_at_once

    def run(self, launch: Launch) -> AsyncIterator[Observation]:
        self.launches.append(launch)
        self.open.add(launch.key)
        return self._run(launch.key)

    async def _run(self, key: AttemptKey) -> AsyncIterator[Observation]:
        line = self.lines.setdefault(key, asyncio.Queue())
        while True:
            observation = await line.get()
            if isinstance(observation, Exception):
                self.open.discard(key)
                raise observation
            yield observation
            if isinstance(observation, Ended):
                self.open.discard(key)
                return

    async def unfinished(self) -> Mapping[AttemptKey, AsyncIterator[Observation]]:
        return {key: self._run(key) for key in self.rests}

    async def stop(self, key: AttemptKey, *, by: str, over: str | None = None) -> None:
        self.stopped.append((key, by, over))
        if self.obeys:
            line = self.lines.setdefault(key, asyncio.Queue())
            await line.put(Ended(status=Status.STOPPED, reason=f"stopped by {by}"))


@dataclass
class House:
    """A server's inside, without its door and page."""

    database: Database
    writer: Writer
    puppet: Puppet
    dispatcher: Dispatcher
    told: list[Event]
    running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def make(self, name: str = "job", *, start: bool = True) -> int:
        spec = JobSpec(name=name, model_name="m", epochs=2, steps_per_epoch=5, options=SimulatedOptions())
        task = await self.writer.submit(lambda work: create_job(work, CONSOLE, spec))
        if start:
            await self.start(task.id)
        return task.id

    async def start(self, task_id: int) -> None:
        await self.writer.submit(lambda work: start_job(work, CONSOLE, task_id))
        self.dispatcher.look()

    async def say(self, task_id: int, observation: Observation | Exception, attempt: int = 1) -> None:
        key = AttemptKey(task_id, attempt)
        await self.until(lambda: key in self.puppet.lines)
        await self.puppet.lines[key].put(observation)

    def task(self, task_id: int) -> Task:
        with self.database.reading() as connection:
            task = find_task(connection, task_id)
        assert task is not None
        return task

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - what is awaited is in the database
                await asyncio.sleep(0.005)

    async def until_it_is(self, task_id: int, status: Status) -> None:
        await self.until(lambda: self.task(task_id).training_status is status)

    async def open(self) -> None:
        loops = BackgroundLoops(clock=lambda: datetime.now(UTC))
        loops.add("jobs", self.dispatcher.step)
        await self.running.enter_async_context(loops.running())
        self.running.push_async_callback(self.dispatcher.close)

    async def close(self) -> None:
        await self.running.aclose()


def house_on(database: Database, writer: Writer, *, most_at_once: int = 10) -> House:
    """Return a house in which a stop waits only for a moment to be written."""
    puppet = Puppet(most_at_once)
    told: list[Event] = []
    dispatcher = Dispatcher(
        database,
        writer,
        {Runner.SIMULATED: puppet},
        clock=lambda: datetime.now(UTC),
        publish=told.extend,
        pending=PendingWrites(writer, patience_s=0.1, retry_s=0.05),
    )
    return House(database, writer, puppet, dispatcher, told)


def play(database: Database, story: Callable[[House], Awaitable[None]], *, most_at_once: int = 10) -> None:
    """Tell `story` in a house that is open."""

    async def told() -> None:
        writer = Writer(database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
        writer.start()
        house = house_on(database, writer, most_at_once=most_at_once)
        await house.open()
        try:
            await story(house)
        finally:
            await house.close()
            await writer.close()

    asyncio.run(told())


def test_a_job_runs_reports_and_ends_with_its_reason(database: Database):
    async def story(house: House) -> None:
        job = await house.make("bert")
        await house.until_it_is(job, Status.RUNNING)
        point = Report(attempt=1, points=(Point("loss", 0.5, 3),), current_step=3)
        await house.say(job, Observed(point))
        await house.say(job, Ended(status=Status.FAILED, reason="exit code 3", exit_code=3))
        await house.until_it_is(job, Status.FAILED)
        task = house.task(job)
        assert (task.status_reason, task.current_step, task.progress) == ("exit code 3", 3, 0.3)
        with database.reading() as connection:
            (attempt,) = list_attempts(connection, job)
        assert (attempt.status, attempt.exit_code) == (Status.FAILED, 3)

    play(database, story)


def test_jobs_beyond_the_limit_wait_and_start_in_the_order_they_were_asked(database: Database):
    async def story(house: House) -> None:
        jobs = [await house.make(f"job {number}") for number in range(4)]
        await house.until(lambda: len(house.puppet.launches) == 2)
        assert [launch.key.task_id for launch in house.puppet.launches] == jobs[:2]
        assert house.task(jobs[2]).training_status is Status.QUEUED
        await house.say(jobs[1], Ended(status=Status.COMPLETE, reason="done"))
        await house.until(lambda: len(house.puppet.launches) == 3)
        assert house.puppet.launches[-1].key.task_id == jobs[2]

    play(database, story, most_at_once=2)


def test_a_job_that_waits_can_be_taken_out_of_the_line(database: Database):
    async def story(house: House) -> None:
        first, second = await house.make("first"), await house.make("second")
        await house.until_it_is(first, Status.RUNNING)
        await house.dispatcher.stop(second, CONSOLE)
        await house.say(first, Ended(status=Status.COMPLETE, reason="done"))
        await house.until_it_is(first, Status.COMPLETE)
        third = await house.make("third")
        await house.until_it_is(third, Status.RUNNING)
        task = house.task(second)
        assert (task.training_status, task.start_requested_at) == (Status.QUEUED, None)

    play(database, story, most_at_once=1)


def test_stop_reaches_the_runner_and_says_who(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        await house.dispatcher.stop(job, CONSOLE)
        await house.until_it_is(job, Status.STOPPED)
        assert house.puppet.stopped == [(AttemptKey(job, 1), "command line", None)]
        with pytest.raises(ConflictError):
            await house.dispatcher.stop(job, CONSOLE)

    play(database, story)


def test_starting_twice_runs_once_and_starting_again_keeps_the_first_attempt(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.start(job)
        await house.until_it_is(job, Status.RUNNING)
        with pytest.raises(ConflictError):
            await house.start(job)
        await house.say(job, Ended(status=Status.COMPLETE, reason="done"))
        await house.until_it_is(job, Status.COMPLETE)
        await house.start(job)
        await house.until(lambda: len(house.puppet.launches) == 2)
        assert house.puppet.launches[-1].key == AttemptKey(job, 2)
        assert house.puppet.launches[-1].is_new
        with database.reading() as connection:
            attempts = list_attempts(connection, job)
        assert (attempts[0].attempt, attempts[0].status) == (1, Status.COMPLETE)

    play(database, story)


def test_what_ran_when_the_server_ended_is_taken_up_where_it_was(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        await house.say(job, Observed(Report(attempt=1, current_step=4)))
        await house.until(lambda: house.task(job).current_step == 4)
        await house.close()
        assert house.task(job).training_status is Status.RUNNING
        again = house_on(house.database, house.writer)
        await again.open()
        await again.until(lambda: len(again.puppet.launches) == 1)
        (launch,) = again.puppet.launches
        assert (launch.key, launch.is_new, launch.done_steps) == (AttemptKey(job, 1), False, 4)
        await again.say(job, Ended(status=Status.COMPLETE, reason="done"))
        await again.until_it_is(job, Status.COMPLETE)
        await again.close()
        await house.open()

    play(database, story)


def test_what_was_left_to_observe_of_an_ended_attempt_is_kept_after_a_restart(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.say(job, Ended(status=Status.COMPLETE, reason="done"))
        await house.until_it_is(job, Status.COMPLETE)
        await house.close()
        again = house_on(house.database, house.writer)
        again.puppet.rests.append(AttemptKey(job, 1))
        await again.open()
        late = Report(attempt=1, status=Status.RUNNING, points=(Point("loss", 0.5, step=7),))
        await again.say(job, Observed(late))

        def points() -> list[int]:
            with house.database.reading() as connection:
                return [row["step"] for row in metric_rows(connection, job, 1)]

        await again.until(lambda: points() == [7])
        assert again.task(job).training_status is Status.COMPLETE
        assert again.puppet.launches == []
        await again.close()
        await house.open()

    play(database, story)


def test_a_runner_that_breaks_fails_its_attempt_and_no_other(database: Database):
    async def story(house: House) -> None:
        broken, sound = await house.make("broken"), await house.make("sound")
        await house.until_it_is(broken, Status.RUNNING)
        await house.say(broken, OSError("no more processes"))
        await house.say(sound, Ended(status=Status.COMPLETE, reason="done"))
        await house.until_it_is(sound, Status.COMPLETE)
        await house.until_it_is(broken, Status.FAILED)
        assert house.task(broken).status_reason == "the runner failed: no more processes"

    play(database, story)


async def run_again(house: House) -> int:
    """Make a job whose first attempt is complete and whose second runs, with a key, and is being stopped."""
    job = await house.make()
    await house.say(job, Ended(status=Status.COMPLETE, reason="done"))
    await house.until_it_is(job, Status.COMPLETE)
    await house.start(job)
    await house.until_it_is(job, Status.RUNNING)
    await house.writer.submit(lambda work: give_job_key(work, job, 2))
    await house.writer.submit(lambda work: note_stage(work, job, "interrupting", None))
    return job


async def assert_second_is_left_alone(house: House, job: int) -> None:
    task = house.task(job)
    assert (task.attempt, task.training_status, task.stop_stage) == (2, Status.RUNNING, "interrupting")
    label = f"job {job}, attempt 2"
    assert await house.writer.submit(lambda work: len(work.credentials.keys_labelled(label))) == 1


def test_an_end_that_comes_late_leaves_the_attempt_that_runs_alone(database: Database):
    async def story(house: House) -> None:
        job = await run_again(house)
        end = Report(attempt=1, status=Status.FAILED, message="late")
        await house.writer.submit(lambda work: end_attempt(work, job, end, 1))
        await assert_second_is_left_alone(house, job)

    play(database, story)


def test_what_breaks_while_the_rest_of_an_ended_attempt_is_heard_is_no_end(database: Database):
    async def story(house: House) -> None:
        job = await run_again(house)
        await house.close()
        again = house_on(house.database, house.writer)
        again.puppet.rests.append(AttemptKey(job, 1))
        with capture_logs() as logs:
            await again.open()
            await again.say(job, OSError("a log that cannot be read"))
            await again.until(lambda: any(each["event"] == "runner_failed" for each in logs))
        await assert_second_is_left_alone(again, job)
        with house.database.reading() as connection:
            assert list_attempts(connection, job)[0].status is Status.COMPLETE
        await again.close()
        await house.open()

    play(database, story)


def test_the_list_of_jobs_says_how_many_there_are(database: Database):
    async def story(house: House) -> None:
        jobs = [await house.make(f"job {number}", start=False) for number in range(4)]
        await house.writer.submit(lambda work: archive_task(work, CONSOLE, jobs[3], archived=True))
        page = look.jobs(database, limit=2, offset=1)
        assert ([row["id"] for row in page["jobs"]], page["total"]) == ([jobs[1], jobs[0]], 3)

    play(database, story)


def test_how_many_steps_a_real_job_has_is_not_known_before_it_says_so(database: Database):
    shared = {"model_name": "m", "epochs": 3, "steps_per_epoch": 100}
    real = JobSpec(name="real", runner=Runner.LOCAL, options=CommandOptions(command=("true",)), **shared)

    async def story(house: House) -> None:
        simulated = JobSpec(name="simulated", **shared)
        made = [
            await house.writer.submit(lambda work, spec=spec: create_job(work, CONSOLE, spec))
            for spec in (simulated, real)
        ]
        assert [(task.total_epochs, task.total_steps) for task in made] == [(3, 300), (3, None)]

    play(database, story)


def test_what_is_no_job_is_neither_started_nor_stopped(database: Database):
    async def story(house: House) -> None:
        with pytest.raises(NotFoundError):
            await house.start(7)
        with pytest.raises(NotFoundError):
            await house.dispatcher.stop(7, CONSOLE)

    play(database, story)


def test_a_job_that_nothing_could_run_is_not_started_to_wait_for_ever(database: Database):
    async def story(house: House) -> None:
        spec = JobSpec(
            name="of before", model_name="m", epochs=1, runner=Runner.AGENT, options=CommandOptions()
        )
        task = await house.writer.submit(lambda work: create_job(work, CONSOLE, spec))
        with pytest.raises(ConflictError, match="nothing runs jobs of the runner agent yet"):
            await house.start(task.id)

    play(database, story)


def test_a_jobs_script_reports_by_the_tasks_id_and_is_told_to_stop(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        said = parse({"taskId": job, "attempt": 1, "loss": 0.25, "step": 7, "status": "complete"})
        answer = await house.writer.submit(lambda work: ingest(work, said))
        assert (answer.task_id, answer.stop) == (job, False)
        assert house.task(job).training_status is Status.RUNNING
        assert house.task(job).latest["loss"] == 0.25
        with pytest.raises(NotFoundError):
            await house.writer.submit(lambda work: ingest(work, parse({"taskId": 999, "loss": 1})))

    play(database, story)


def test_a_stop_that_the_runner_may_not_have_heard_is_told_it_again(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        await house.close()
        await house.dispatcher.stop(job, CONSOLE)  # written down, and nobody is there to hear it
        assert house.puppet.stopped == []
        again = house_on(house.database, house.writer)
        await again.open()
        await again.until_it_is(job, Status.STOPPED)
        assert again.puppet.stopped == [(AttemptKey(job, 1), "command line", "running")]
        await again.close()
        await house.open()

    play(database, story)


def test_a_flag_on_a_job_asks_its_runner_nothing(database: Database):
    async def raise_flag(house: House, job: int) -> None:
        def flag(work: Work) -> None:
            task = work.task(job)
            assert task is not None
            work.put(task.replaced(stop_requested_at=work.now))

        await house.writer.submit(flag)

    async def story(house: House) -> None:
        waiting, running = await house.make(start=False), await house.make()
        await house.until_it_is(running, Status.RUNNING)
        await house.close()
        await house.start(waiting)
        for job in (waiting, running):  # as earlier versions let anybody do who might annotate
            await raise_flag(house, job)
        again = house_on(house.database, house.writer)
        await again.open()
        await again.until(lambda: len(again.puppet.launches) == 2)
        assert again.puppet.stopped == []
        await again.close()
        await house.open()

    play(database, story)


def test_each_time_somebody_asks_a_job_to_stop_is_in_the_audit_log(database: Database):
    async def story(house: House) -> None:
        house.puppet.obeys = False
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        for over in (None, None, "interrupting"):
            await house.dispatcher.stop(job, CONSOLE, over)
        with database.reading() as connection:
            audited = [each.target for each in list_audit(connection) if each.action == "stopped job"]
        name = f"job {job} (job), attempt 1"
        assert audited == [f"{name}, not waiting for the end of interrupting", name, name]
        assert [over for _, _, over in house.puppet.stopped] == [None, None, "interrupting"]

    play(database, story)


def test_a_job_is_stopped_while_the_database_takes_nothing_and_that_is_written_afterwards(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until(lambda: house.dispatcher.runner_of(job) is not None)
        with locked(database):
            pressed = datetime.now(UTC)
            assert not await house.dispatcher.stop(job, CONSOLE)
            assert house.puppet.stopped == [(AttemptKey(job, 1), "command line", None)]
            await house.until(lambda: house.dispatcher.runner_of(job) is None)  # its end was told
        await house.until_it_is(job, Status.STOPPED)
        assert house.task(job).stop_requested_at is not None
        with database.reading() as connection:
            (stop,) = [each for each in list_audit(connection) if each.action == "stopped job"]
        assert stop.target == f"job {job} (job), attempt 1"
        assert abs((stop.at - pressed).total_seconds()) < 5

    play(database, story)


def test_that_a_job_had_to_be_killed_is_in_its_state_its_history_and_the_audit_log(database: Database):
    async def story(house: House) -> None:
        house.puppet.obeys = False
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        await house.dispatcher.stop(job, CONSOLE)
        words = "stopped by command line; it had to be killed (SIGKILL)"
        await house.say(job, Ended(status=Status.STOPPED, reason=words, was_killed=True))
        await house.until_it_is(job, Status.STOPPED)
        whole = look.job_whole(database, job)
        assert (whole["statusReason"], whole["attempts"][0]["statusReason"]) == (words, words)
        assert (whole["events"][0]["kind"], whole["events"][0]["message"]) == ("stopped", words)
        with database.reading() as connection:
            last, asked, *_ = list_audit(connection)
        assert (asked.action, str(asked.actor)) == ("stopped job", "command line")
        assert (last.action, str(last.actor)) == ("killed job", "the server")
        assert last.target == f"job {job} (job), attempt 1: {words}"

    play(database, story)


def test_that_a_log_has_grown_is_told_and_by_which_rules_it_is_read_is_kept(database: Database):
    async def story(house: House) -> None:
        job = await house.make()
        await house.until_it_is(job, Status.RUNNING)
        for observation in (Logged(10), Understood(("tqdm",)), Logged(2_000), Understood(("json", "tqdm"))):
            await house.say(job, observation)
        await house.say(job, Ended(status=Status.COMPLETE, reason="exit code 0", exit_code=0))
        await house.until_it_is(job, Status.COMPLETE)
        assert house.told == [LogGrown(job, 1, 10), LogGrown(job, 1, 2_000)]
        with database.reading() as connection:
            (attempt,) = list_attempts(connection, job)
        assert attempt.rules == ("json", "tqdm")
        place = look.log_place(database, job, None)
        assert (place.key, place.rules) == (AttemptKey(job, 1), ["json", "tqdm"])
        with pytest.raises(NotFoundError):
            look.log_place(database, job, 2)

    play(database, story)
