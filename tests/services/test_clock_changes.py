"""A clock that is set, or was wrong, makes nothing live, dead, old or negative."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.credential import ApiKey, Scope, Session
from trainwatch.domain.liveness import Liveness, liveness
from trainwatch.domain.payload import parse
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.change import Advance, Iterate, Start
from trainwatch.services.clock_changes import follow_clock, move_times
from trainwatch.services.ingest import Answer, ingest
from trainwatch.services.keys import create_key
from trainwatch.services.sessions import open_session
from trainwatch.services.tracking import note_overdue, track
from trainwatch.services.upkeep import forget_old_receipts
from trainwatch.services.users import ensure_owner
from trainwatch.store.clock import ServerClock
from trainwatch.store.engine import Database
from trainwatch.store.tasks import find_task
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAYS = timedelta(days=40)
SECOND = timedelta(seconds=1)


class Server:
    """A writer on a machine whose clocks a test moves."""

    def __init__(self, database: Database, wall: datetime) -> None:
        self.database = database
        self.wall, self.steady = wall, 0.0
        self.clock = ServerClock(lambda: self.wall, lambda: self.steady)
        self.writer = Writer(database, clock=self.clock, publish=lambda events: None, retime=move_times)

    async def wait(self, seconds: float) -> None:
        """Let time pass, in which a loop looks at the clock."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds
        await follow_clock(self.clock, self.writer)

    async def set(self, by: timedelta) -> None:
        """Set the machine's clock."""
        self.wall += by
        await self.wait(1)

    async def report(self, **facts: Any) -> Answer:
        """Send a report of the task "a"."""
        report = parse({"taskName": "a", **facts})
        return await self.writer.submit(lambda work: ingest(work, report))

    async def task(self) -> Task:
        """Return the first task as readers find it."""

        def read() -> Task | None:
            with self.database.reading() as connection:
                return find_task(connection, 1)

        await self.writer.submit(lambda work: None)
        task = await asyncio.to_thread(read)
        assert task is not None
        return task

    async def liveness(self) -> Liveness:
        """Return what the page would say of it."""
        return liveness(await self.task(), now=self.clock())


def serve(database: Database, scene: Callable[[Server], Awaitable[None]], *, wall: datetime = NOW) -> None:
    """Play `scene` on a server that starts when the machine's clock says `wall`."""

    async def whole() -> None:
        server = Server(database, wall)
        server.writer.start()
        try:
            await scene(server)
        finally:
            await server.writer.close()

    asyncio.run(whole())


async def steps(server: Server, *numbers: int) -> None:
    for step in numbers:
        await server.report(step=step, loss=1, totalSteps=100)
        await server.wait(1)


@pytest.mark.parametrize("jumps", [(DAYS, -DAYS), (-DAYS, DAYS), (DAYS,), (-DAYS,)])
def test_a_task_that_died_is_silent_soon_however_the_clock_was_set(
    database: Database, jumps: tuple[timedelta, ...]
):
    async def scene(server: Server) -> None:
        await steps(server, *range(1, 6))
        for number, jump in enumerate(jumps):
            await server.set(jump)
            assert await server.liveness() is Liveness.LIVE
            await steps(server, 10 + number)
        await server.wait(15)
        assert await server.liveness() is Liveness.LIVE
        await server.wait(30)
        assert await server.liveness() is Liveness.SILENT
        await server.wait(700)
        assert await server.liveness() is Liveness.LOST

    serve(database, scene)


@pytest.mark.parametrize("jump", [DAYS, -DAYS, timedelta(seconds=-3), timedelta(seconds=-0.6)])
def test_durations_and_what_is_left_are_as_if_nobody_had_set_the_clock(database: Database, jump: timedelta):
    async def scene(server: Server) -> None:
        await steps(server, *range(1, 20))
        before = await server.task()
        await server.set(jump)
        await steps(server, *range(21, 40))
        task = await server.task()
        assert before.eta_seconds == pytest.approx(81, abs=2)
        assert task.eta_seconds == pytest.approx(61, abs=2)
        assert task.rhythm.expected_seconds == pytest.approx(1, abs=0.2)
        await server.report(status="done")
        task = await server.task()
        assert task.started_at is not None
        assert task.finished_at is not None
        assert task.finished_at - task.started_at == pytest.approx(39 * SECOND, abs=1.1 * SECOND)
        assert task.finished_at <= server.wall + SECOND

    serve(database, scene)


@pytest.mark.parametrize("ahead", [DAYS, timedelta(hours=1)])
def test_a_server_that_was_down_while_the_clock_was_set_right_takes_the_future_for_now(
    database: Database, ahead: timedelta
):
    async def wrong(server: Server) -> None:
        await steps(server, *range(1, 6))
        await server.report(gpuName="G", gpu={"power": 1}, eventId="1")
        start = Start("agent", "claude", max_seconds=60, stop_at_limit=True)
        await server.writer.submit(lambda work: track(work, start))

    async def right(server: Server) -> None:
        task = await server.task()
        assert max(task.last_updated, task.created_at, task.started_at or NOW) <= server.clock()
        assert await server.liveness() is Liveness.LIVE
        await server.wait(50)
        assert await server.liveness() is Liveness.SILENT
        answer = await server.writer.submit(lambda work: track(work, Iterate("agent", 1)))
        assert not answer.stop
        await server.wait(30)
        await server.writer.submit(note_overdue)
        answer = await server.writer.submit(lambda work: track(work, Iterate("agent", 2)))
        assert answer.stop
        await server.report(status="failed")
        task = await server.task()
        assert (task.started_at or NOW) <= (task.finished_at or NOW) == task.last_updated

    serve(database, wrong, wall=NOW + ahead)
    serve(database, right)
    with database.reading() as connection:
        for column in ("sampled_at FROM gpus", "created_at FROM report_receipts"):
            times = connection.exec_driver_sql(f"SELECT {column}").scalars().all()
            assert all(str(at) < "2026-01-31 13" for at in times)


@pytest.mark.parametrize("jump", [DAYS, -DAYS])
def test_a_limit_of_time_counts_the_time_that_passes(database: Database, jump: timedelta):
    async def scene(server: Server) -> None:
        start = Start("agent", "claude", max_seconds=60, stop_at_limit=True)
        await server.writer.submit(lambda work: track(work, start))
        await server.set(jump)
        assert await server.writer.submit(note_overdue) == 0
        await server.wait(40)
        answer = await server.writer.submit(lambda work: track(work, Advance("agent", 1, at=NOW)))
        assert not answer.stop
        await server.wait(25)
        assert await server.writer.submit(note_overdue) == 1

    serve(database, scene)


def test_who_is_signed_in_stays_so_for_as_long_as_was_promised(database: Database):
    def enter(work: Work) -> tuple[Session, ApiKey]:
        session, _ = open_session(work, ensure_owner(work), address=None, browser=None, way="link")
        key, _ = create_key(work, CONSOLE, scope=Scope.READ, label="k", expires_in_days=5)
        return session, key

    def look(work: Work) -> tuple[Session, ApiKey]:
        session, key = work.credentials.find(Session, 1), work.credentials.find(ApiKey, 1)
        assert session is not None
        assert key is not None
        return session, key

    async def scene(server: Server) -> None:
        before = await server.writer.submit(enter)
        for jump in (DAYS, -2 * DAYS, DAYS):
            await server.set(jump)
            found = await server.writer.submit(look)
            for was, each in zip(before, found, strict=True):
                assert each.is_valid(server.clock())
                assert (each.expires_at or NOW) - server.clock() == pytest.approx(
                    (was.expires_at or NOW) - NOW, abs=5 * SECOND
                )

    serve(database, scene)


@pytest.mark.parametrize("jump", [DAYS, -DAYS])
def test_a_repeat_is_known_for_seven_days_that_passed(database: Database, jump: timedelta):
    async def scene(server: Server) -> None:
        await server.report(step=1, loss=1, eventId="1")
        await server.set(jump)
        assert await server.writer.submit(forget_old_receipts) == 0
        await server.wait(6 * 86_400)
        assert await server.writer.submit(forget_old_receipts) == 0
        await server.wait(2 * 86_400)
        if jump < timedelta():
            assert await server.writer.submit(forget_old_receipts) == 2

    serve(database, scene)


def test_a_time_of_its_own_that_lies_ahead_is_now(counter: Counter):
    counter.send(
        {"taskName": "a", "step": 1, "loss": 1, "timestamp": "2099-01-01T00:00:00Z"},
        {"taskName": "a", "series": {"acc": {"values": [1]}}, "timestamp": "2099-01-01T00:00:00Z"},
    )
    assert all(str(at) < "2026-02" for (at,) in counter.rows("SELECT created_at FROM metric_points"))


def test_without_a_server_a_task_whose_times_lie_ahead_is_put_right_by_its_next_report(counter: Counter):
    counter.now += DAYS
    for step in range(1, 5):
        counter.send({"taskName": "a", "step": step, "loss": 1})
    counter.now -= DAYS
    counter.send({"taskName": "a", "step": 9, "loss": 1})
    task = counter.work.task(1)
    assert task is not None
    assert task.last_updated == counter.now
    counter.send({"taskName": "a", "status": "done"})
    task = counter.work.task(1)
    assert task is not None
    assert (task.started_at or NOW) <= (task.finished_at or NOW) == counter.now


def test_a_long_pause_does_not_keep_a_task_live_for_weeks(counter: Counter):
    for step in range(1, 10):
        counter.send({"taskName": "a", "step": step, "loss": 1})
    counter.now += DAYS
    counter.send({"taskName": "a", "step": 10, "loss": 1})
    task = counter.work.task(1)
    assert task is not None
    assert liveness(task, now=counter.now + timedelta(hours=2)) is Liveness.LOST
