"""What is read of a series depends on its points, not on how much of it is reduced, nor since when."""

import math
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from trainwatch.domain.payload import parse
from trainwatch.domain.task import Task
from trainwatch.services.ingest import ingest
from trainwatch.store.engine import Database, open_database
from trainwatch.store.schema import create_tables
from trainwatch.store.series import CurveQuery, list_series, read_curve, sparklines
from trainwatch.store.work import Work

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TASK = Task(id=1, title="t", created_at=NOW, last_updated=NOW)


class Story:
    """Reports of one series, each as it happens to training runs."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.gap = self.random.choice((1, 1, 3, 10, 50, 1_000))
        self.last = self.random.choice((0, 0, 1_000_000))
        self.first = self.last

    def next(self) -> dict[str, Any]:
        """Return the next report."""
        kind = self.random.random()
        if kind < 0.5:
            return self._column(self.random.choice((1, 7, 64, 300, 900)))
        if kind < 0.7:
            return {"step": self._late(), "loss": self._value()}
        if kind < 0.8:
            steps = sorted({self._late() for _ in range(self.random.choice((3, 40, 200)))})
            return {"series": {"loss": {"steps": steps, "values": [self._value() for _ in steps]}}}
        if kind < 0.85:
            self.gap = self.random.choice((1, 5, 20, 100))
        if kind < 0.95:
            self.last += self.gap
            return {"step": self.last, "loss": math.nan}
        self.last += 1
        return {"loss": self._value()}

    def _column(self, count: int) -> dict[str, Any]:
        steps = [self.last + self.gap * index for index in range(1, count + 1)]
        self.last = steps[-1]
        return {"series": {"loss": {"steps": steps, "values": [self._value() for _ in steps]}}}

    def _late(self) -> int:
        return self.random.randint(self.first, max(self.first, self.last))

    def _value(self) -> float:
        return self.random.choice((self.random.gauss(1, 0.2), 50.0, -50.0, math.nan, math.inf))


def answers(database: Database, story: Story) -> list[Any]:
    """Return everything that is read of the series."""
    middle = (story.first + story.last) // 2
    queries = [
        {},
        {"points": 100},
        {"points": 20},
        {"points": 100, "first": middle, "last": middle + 40 * story.gap},
        {"points": 20, "first": middle // 2 + story.first // 2, "last": story.last - 5},
        {"points": 20, "since": middle},
        {"points": 20, "since": story.last},
    ]
    with database.reading() as connection:
        curves = [read_curve(connection, 1, 1, CurveQuery(name="loss", **query)) for query in queries]
        return [*curves, list_series(connection, 1), sparklines(connection, [TASK])]


def send(work: Work, payload: dict[str, Any]) -> None:
    work.begin(NOW)
    ingest(work, parse({"taskName": "a", **payload}))
    work.commit()


def reduce(work: Work) -> None:
    work.begin(NOW)
    work.reduce()
    work.commit()


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_sees_no_difference_before_while_and_after_a_series_is_reduced(
    database: Database, tmp_path: Path, seed: int
):
    story = Story(seed)
    other = open_database(tmp_path / "never.db")
    create_tables(other)
    with database.writing() as one, other.writing() as two:
        now_and_then, never = Work(one, database), Work(two, other)
        seen: list[Any] = []
        for _ in range(30):
            payload = story.next()
            for work in (now_and_then, never):
                send(work, payload)
            seen = answers(other, story)
            assert answers(database, story) == seen
            if story.random.random() < 0.6:
                reduce(now_and_then)
                assert answers(database, story) == seen
        reduce(never)
        assert answers(other, story) == seen
        assert answers(database, story) == seen
    other.close()


def test_many_late_points_are_read_before_they_are_reduced(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        send(work, {"series": {"loss": {"values": [1.0] * 30_000}}})
        reduce(work)
        for step in range(5, 30_000, 1_000):
            send(work, {"step": step, "loss": 2.0 + step})
        with database.reading() as reader:
            before = read_curve(reader, 1, 1, CurveQuery(name="loss", points=200))
        assert sum(value != 1.0 for value in before.curve.values) == 30
        reduce(work)
        with database.reading() as reader:
            assert read_curve(reader, 1, 1, CurveQuery(name="loss", points=200)) == before


def test_a_series_of_an_older_version_is_read_by_the_widths_it_has(database: Database):
    with database.writing() as connection:
        work = Work(connection, database)
        send(work, {"series": {"loss": {"steps": [*range(0, 60_000, 10)], "values": [0.5] * 6_000}}})
        reduce(work)
        connection.exec_driver_sql("DELETE FROM metric_buckets")
        connection.exec_driver_sql("UPDATE metric_series SET stride = NULL, reduced_to = NULL")
        connection.commit()
        reducer = work._points._reducer  # pyright: ignore[reportPrivateUsage]
        key = next(iter(work._points._series.values()))["loss"].key  # pyright: ignore[reportPrivateUsage]
        stride, end = reducer.extend(key, 10, None, 59_990)
        connection.commit()
        assert (stride, end) == (10, 59_519)
        with database.reading() as reader:
            reading = read_curve(reader, 1, 1, CurveQuery(name="loss", points=200))
            assert (list_series(reader, 1)[0].points, reading.level) == (6_000, 2)
            assert 50 < len(reading.curve.steps) <= 202
            assert sparklines(reader, [TASK])[1] == [0.5] * len(sparklines(reader, [TASK])[1])
