"""Points that come late are found in the reduced curve too, even if the server dies in between."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import text

from trainwatch.domain.payload import parse
from trainwatch.errors import UnavailableError
from trainwatch.services.ingest import ingest
from trainwatch.store.engine import Database
from trainwatch.store.series import CurveQuery, read_curve
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MANY = 20_000


def send(work: Work, *payloads: dict) -> None:
    work.begin(NOW)
    for payload in payloads:
        ingest(work, parse(payload))
    work.commit()


def tidy(work: Work) -> None:
    work.begin(NOW)
    work.reduce()
    work.commit()


def highest(database: Database) -> float:
    with database.reading() as connection:
        reading = read_curve(connection, 1, 1, CurveQuery(name="loss", points=200))
    assert reading.level > 0
    return max(value for value in reading.curve.values if value is not None)


def stale(database: Database) -> str | None:
    with database.reading() as connection:
        return connection.scalar(text("SELECT stale FROM metric_series"))


def grow(work: Work) -> None:
    send(work, {"taskName": "long", "series": {"loss": {"steps": list(range(MANY)), "values": [1.0] * MANY}}})
    tidy(work)


def test_a_late_value_is_in_the_reduced_curve_after_a_quiet_moment(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        grow(work)
        assert highest(database) == 1.0
        send(work, {"taskName": "long", "step": 1_234, "loss": 99.0})
        tidy(work)
        assert highest(database) == 99.0


def test_many_late_values_are_repaired_without_a_quiet_moment(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        grow(work)
        send(
            work,
            {"taskName": "long", "series": {"loss": {"steps": list(range(2_000)), "values": [7.0] * 2_000}}},
        )
        assert highest(database) == 7.0


def test_a_repair_that_a_dying_server_left_undone_is_done_by_the_next(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        grow(work)
        send(work, {"taskName": "long", "step": 1_234, "loss": 99.0})
        assert stale(database) == "[19]"
        assert highest(database) == 99.0
    with database.writing() as connection:
        successor = Work(connection, database)
        successor.begin(NOW)
        successor.recover()
        successor.commit()
        tidy(successor)
        assert stale(database) is None
        assert highest(database) == 99.0


def test_a_repair_is_not_forgotten_when_something_else_fails(database: Database):
    def break_it(work: Work) -> None:
        work._connection.execute(text("SELECT * FROM no_such_table"))  # pyright: ignore[reportPrivateUsage]

    async def late_point_beside_a_failure() -> None:
        writer = Writer(database, clock=lambda: NOW, publish=lambda events: None)
        writer.start()
        report = parse({"taskName": "long", "step": 1_234, "loss": 99.0})
        late, broken = writer.submit(partial(ingest, report=report)), writer.submit(break_it)
        await late
        assert highest(database) == 99.0
        with pytest.raises(UnavailableError):
            await broken
        try:
            async with asyncio.timeout(10):
                while await asyncio.to_thread(stale, database):
                    pass
            assert highest(database) == 99.0
        finally:
            await writer.close()

    with database.writing() as connection:
        grow(Work(connection, database))
    asyncio.run(late_point_beside_a_failure())
