"""One thread writes: what is answered is durable, what fails harms nobody else."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from structlog.testing import capture_logs

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.events import Event, TaskChanged
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Report
from trainwatch.domain.task import Task
from trainwatch.errors import ConflictError, TrainwatchError, UnavailableError
from trainwatch.services.edit import delete_task
from trainwatch.services.ingest import ingest
from trainwatch.store.engine import Database
from trainwatch.store.tables import METRIC_POINTS, TASKS
from trainwatch.store.work import Work
from trainwatch.store.write_lock import WriteLock
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def with_writer(database: Database, scenario: Callable[[Writer, list[Event]], Awaitable[Any]]) -> Any:
    """Run `scenario` with a writer and the events that it publishes."""

    async def run() -> Any:
        events: list[Event] = []
        writer = Writer(database, clock=lambda: NOW, publish=events.extend)
        writer.start()
        try:
            return await scenario(writer, events)
        finally:
            await writer.close()

    return asyncio.run(run())


def reporting(name: str, **facts: Any) -> Callable[[Work], Any]:
    report = parse({"taskName": name, **facts})
    assert isinstance(report, Report)
    return lambda work: ingest(work, report)


def count_tasks(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(TASKS)) or 0


def test_an_answer_means_that_another_connection_can_read_it(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> int:
        await writer.submit(reporting("bert", loss=1))
        return count_tasks(database)

    assert with_writer(database, scenario) == 1


def test_what_happened_is_published_before_the_answer(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> Sequence[Event]:
        await writer.submit(reporting("bert", loss=1))
        return list(events)

    events = with_writer(database, scenario)
    assert [event.task.title for event in events if isinstance(event, TaskChanged)] == ["bert"]


def test_a_command_that_refuses_does_not_disturb_those_beside_it(database: Database):
    def refuse(work: Work) -> None:
        raise ConflictError("no")

    async def scenario(writer: Writer, events: list[Event]) -> list[Any]:
        orders = [
            writer.submit(reporting("a", loss=1)),
            writer.submit(refuse),
            writer.submit(reporting("b", loss=1)),
        ]
        return await asyncio.gather(*orders, return_exceptions=True)

    first, second, third = with_writer(database, scenario)
    assert isinstance(second, ConflictError)
    assert {first.task_id, third.task_id} == {1, 2}
    assert count_tasks(database) == 2


def test_a_command_that_breaks_the_transaction_is_cut_out_and_the_rest_kept(database: Database):
    def break_it(work: Work) -> None:
        work._connection.execute(insert(TASKS).values(id=99, title=None))  # pyright: ignore[reportPrivateUsage]

    async def scenario(writer: Writer, events: list[Event]) -> tuple[list[Any], int]:
        held = threading.Event()
        blocker = writer.submit(lambda work: held.wait(10))  # so that the others share a transaction
        orders = [
            writer.submit(reporting("a", loss=1)),
            writer.submit(break_it),
            writer.submit(reporting("b", loss=1)),
        ]
        held.set()
        await blocker
        outcomes = await asyncio.gather(*orders, return_exceptions=True)
        return outcomes, sum(isinstance(event, TaskChanged) for event in events)

    (first, broken, third), published = with_writer(database, scenario)
    assert isinstance(broken, ConflictError)
    assert first.task_id != third.task_id
    assert published == 2
    assert count_tasks(database) == 2


def test_commands_that_break_again_and_again_cost_the_others_no_transactions_and_the_log_one_line(
    database: Database,
):
    def break_it(work: Work) -> None:
        work.put(Task(id=1, title=None, created_at=NOW, last_updated=NOW))  # pyright: ignore[reportArgumentType]

    def blunder(work: Work) -> None:
        raise ValueError("a mistake")

    async def scenario(writer: Writer, events: list[Event]) -> tuple[list[list[Any]], int]:
        await writer.submit(reporting("a", step=1, loss=1))
        rounds: list[list[Any]] = []
        for step in range(2, 12):
            held = threading.Event()
            blocker = writer.submit(lambda work, held=held: held.wait(10))
            good = [writer.submit(reporting(name, step=step, loss=1)) for name in ("a", "b", "a")]
            bad = [writer.submit(break_it), writer.submit(blunder)]
            good += [writer.submit(reporting("a", step=step + 100, loss=1))]
            held.set()
            await blocker
            rounds.append(await asyncio.gather(*good, *bad, return_exceptions=True))
        return rounds, writer.tally.commits

    with capture_logs() as lines:
        rounds, commits = with_writer(database, scenario)
    for *good, broken, blunder_ in rounds:
        assert [answer.task_id == 1 for answer in good] == [True, False, True, True]
        assert isinstance(broken, ConflictError)
        assert type(blunder_) is TrainwatchError
    assert commits <= 2 + 2 * len(rounds)
    assert count_points(database) == 1 + 3 * len(rounds)
    with database.reading() as connection:
        assert connection.scalars(select(TASKS.c.title).order_by(TASKS.c.id)).all() == ["a", "b"]
    assert [line["event"] for line in lines].count("command_defective") == 2


def test_changes_beside_a_command_that_breaks_are_told_with_revisions_in_a_row(database: Database):
    def break_it(work: Work) -> None:
        work.create(Task(id=1, title=None, created_at=NOW, last_updated=NOW))  # pyright: ignore[reportArgumentType]

    async def scenario(writer: Writer, events: list[Event]) -> list[tuple[int, int]]:
        held = threading.Event()
        blocker = writer.submit(lambda work: held.wait(10))
        orders = [writer.submit(reporting("a", step=step, loss=1)) for step in (1, 2)]
        orders += [writer.submit(break_it), writer.submit(reporting("a", step=3, loss=1))]
        held.set()
        await blocker
        await asyncio.gather(*orders, return_exceptions=True)
        changes = [event for event in events if isinstance(event, TaskChanged)]
        return [(change.from_revision, change.task.revision) for change in changes]

    told = with_writer(database, scenario)
    assert [before for before, _ in told] == [0, *(after for _, after in told[:-1])]


def test_the_same_event_sent_many_times_at_once_is_taken_once(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> list[Any]:
        first = [writer.submit(reporting("a", loss=1, eventId="1")) for _ in range(20)]
        later = [writer.submit(reporting("b", loss=1, eventId="1")) for _ in range(20)]
        return [answer.task_id for answer in await asyncio.gather(*first, *later)]

    assert with_writer(database, scenario) == [1] * 20 + [2] * 20
    assert count_points(database) == 2


def test_revisions_go_on_after_a_transaction_that_failed(database: Database):
    def break_it(work: Work) -> None:
        work._connection.execute(text("SELECT * FROM no_such_table"))  # pyright: ignore[reportPrivateUsage]

    async def scenario(writer: Writer, events: list[Event]) -> None:
        await writer.submit(reporting("bert", loss=1))
        with pytest.raises(UnavailableError):
            await writer.submit(break_it)
        await writer.submit(reporting("bert", loss=2))

    with_writer(database, scenario)
    with database.reading() as connection:
        assert connection.scalar(select(TASKS.c.revision)) == 2


def test_what_was_submitted_before_the_end_is_still_written(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> None:
        orders = [writer.submit(reporting(f"t{number}", loss=1)) for number in range(200)]
        await writer.close()
        await asyncio.gather(*orders)
        with pytest.raises(UnavailableError):
            writer.submit(reporting("late", loss=1))

    with_writer(database, scenario)
    assert count_tasks(database) == 200


def test_someone_who_no_longer_waits_is_no_harm(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> int:
        gone = writer.submit(reporting("gone", loss=1))
        gone.cancel()
        await writer.submit(reporting("here", loss=1))
        return count_tasks(database)

    assert with_writer(database, scenario) == 2


def delete(task_id: int) -> Callable[[Work], Any]:
    return lambda work: delete_task(work, CONSOLE, task_id)


def count_points(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(METRIC_POINTS)) or 0


async def until_swept(database: Database) -> None:
    """Wait until nothing is left of deleted tasks."""
    deadline = time.monotonic() + 20
    while await asyncio.to_thread(count_points, database):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


MANY_POINTS = {"series": {"loss": {"values": [0.5] * 15_000}}}


def test_what_is_left_of_a_deleted_task_goes_when_it_is_quiet(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> None:
        answer = await writer.submit(reporting("bert", **MANY_POINTS))
        await writer.submit(delete(answer.task_id))
        await until_swept(database)

    with_writer(database, scenario)


def test_what_is_left_of_a_deleted_task_goes_where_it_never_gets_quiet_too(database: Database):
    async def scenario(writer: Writer, events: list[Event]) -> None:
        answer = await writer.submit(reporting("bert", **MANY_POINTS))
        await writer.submit(delete(answer.task_id))
        swept = asyncio.create_task(until_swept(database))
        while not swept.done():
            await writer.submit(reporting("busy", progress=0.5))
        await swept

    with_writer(database, scenario)


def test_what_another_server_left_of_a_deleted_task_goes_after_the_start(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        for command in (reporting("bert", **MANY_POINTS), delete(1)):
            work.begin(NOW)
            command(work)
            work.commit()
    assert count_points(database) == 15_000

    async def scenario(writer: Writer, events: list[Event]) -> None:
        await until_swept(database)

    with_writer(database, scenario)


def test_where_another_server_writes_nothing_is_changed_and_the_end_is_told_once(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trainwatch.store.write_lock._PATIENCE_S", 0.1)
    told: list[str] = []

    async def scenario() -> None:
        writer = Writer(
            postgresql_database,
            clock=lambda: NOW,
            publish=lambda events: None,
            retime=lambda work, jump: told.append("retimed"),
            on_lost=lambda: told.append("lost"),
        )
        writer.start()
        try:
            for name in ("a", "b"):
                with pytest.raises(UnavailableError):
                    await writer.submit(reporting(name, loss=1))
            with pytest.raises(UnavailableError):
                await writer.check()
        finally:
            await writer.close()
        assert writer.is_lost

    with postgresql_database.writing() as other, capture_logs():
        WriteLock(other).hold()
        asyncio.run(scenario())
    assert told == ["lost"]
    assert count_points(postgresql_database) == 0
