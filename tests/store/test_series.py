from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert

from trainwatch.domain.task import Task
from trainwatch.store.buckets import SeriesKey
from trainwatch.store.reduction import Reducer
from trainwatch.store.series import SPARK_VALUES, CurveQuery, list_series, metric_rows, read_curve, sparklines
from trainwatch.store.tables import METRIC_POINTS, METRIC_SERIES, TASKS
from trainwatch.store.tasks import row_from_task

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TASK = Task(id=1, title="t", created_at=NOW, last_updated=NOW)


def add_task(database, task=TASK):
    with database.writing() as connection:
        connection.execute(insert(TASKS).values(row_from_task(task)))
        connection.commit()


def add_series(database, points, *, name="loss", attempt=1, task_id=1, reduced_up_to=()):
    """Store `points` (step → value, or flag) and reduce them each time the series had got to such a step."""
    key = SeriesKey(task_id, attempt, name)
    with database.writing() as connection:
        connection.execute(insert(METRIC_SERIES).values(key._asdict()))
        rows = [
            {
                **key._asdict(),
                "step": step,
                "value": None if isinstance(value, str) else value,
                "flag": value if isinstance(value, str) else None,
                "epoch": step // 100,
                "created_at": NOW + timedelta(seconds=step),
            }
            for step, value in points.items()
        ]
        reducer, stride, end = Reducer(connection, database), None, None
        todo = sorted(rows, key=lambda row: row["step"])
        for step in [*reduced_up_to, None]:
            now, todo = (
                [row for row in todo if step is None or row["step"] <= step],
                [row for row in todo if step is not None and row["step"] > step],
            )
            if now:
                connection.execute(insert(METRIC_POINTS), now)
            if step is not None:
                stride, end = reducer.extend(key, stride, end, step)
        connection.commit()


def noise(count, *, seed=1, stride=1):
    random = Random(seed)
    return {index * stride: random.gauss(1, 0.2) for index in range(count)}


def curve(database, **query):
    with database.reading() as connection:
        return read_curve(connection, 1, 1, CurveQuery(name="loss", **query))


def test_a_short_series_is_drawn_point_by_point(database):
    add_task(database)
    points = noise(50)
    add_series(database, points)
    reading = curve(database)
    assert (reading.level, reading.first_step, reading.last_step) == (0, 0, 49)
    assert dict(zip(reading.curve.steps, reading.curve.values, strict=True)) == points
    assert reading.curve.times[3] == round((NOW + timedelta(seconds=3)).timestamp() * 1000)
    assert reading.curve.epochs[3] == 0


@pytest.mark.parametrize(
    ("points", "reduced_up_to"), [(20, range(64, 6_000, 64)), (100, [5_999]), (1_000, [3_000])]
)
def test_a_long_series_keeps_its_extremes_its_ends_and_within_its_budget(database, points, reduced_up_to):
    add_task(database)
    values = noise(6_000) | {7: 99.0, 3_333: -99.0, 5_990: 77.0}
    add_series(database, values, reduced_up_to=reduced_up_to)
    reading = curve(database, points=points)
    drawn = dict(zip(reading.curve.steps, reading.curve.values, strict=True))
    assert len(drawn) <= points + 2
    assert reading.level > 0
    assert (drawn[7], drawn[3_333]) == (99.0, -99.0)
    assert (min(drawn), max(drawn)) == (0, 5_999)
    assert all(values[step] == value for step, value in drawn.items())
    assert list(reading.curve.steps) == sorted(drawn)


def test_a_curve_fills_at_least_a_quarter_of_its_budget(sqlite_database):
    add_task(sqlite_database)
    add_series(sqlite_database, noise(6_000), reduced_up_to=[5_999])
    for points in (100, 300, 1000):
        assert len(curve(sqlite_database, points=points).curve.steps) > points / 4


def test_zooming_in_gives_the_detail(database):
    add_task(database)
    values = noise(6_000)
    add_series(database, values, reduced_up_to=range(64, 6_000, 64))
    reading = curve(database, first=2_000, last=2_400, points=500)
    assert reading.level == 0
    assert list(reading.curve.steps) == list(range(2_000, 2_401))
    assert (reading.first_step, reading.last_step) == (0, 5_999)


def test_since_gives_only_what_came_after(database):
    add_task(database)
    add_series(database, noise(6_000), reduced_up_to=[5_500])
    assert list(curve(database, since=5_990).curve.steps) == list(range(5_991, 6_000))
    assert list(curve(database, since=5_999).curve.steps) == []


@pytest.mark.parametrize("count", [30, 6_000])
def test_what_is_not_a_number_is_a_marked_gap(database, count):
    add_task(database)
    add_series(database, noise(count) | {17: "nan", 18: "inf"}, reduced_up_to=[count - 1])
    drawn = curve(database, points=100).curve
    assert drawn.flags[17] == "nan"
    assert drawn.values[list(drawn.steps).index(17)] is None


def test_an_unknown_series_is_an_empty_curve(database):
    add_task(database)
    reading = curve(database)
    assert (list(reading.curve.steps), reading.first_step) == ([], None)


def test_steps_far_apart_are_as_good_as_any(database):
    add_task(database)
    values = noise(3_000, stride=1_000)
    add_series(database, values, reduced_up_to=[2_999_000])
    assert set(curve(database, points=2_000).curve.steps) <= set(values)
    assert len(curve(database, points=200).curve.steps) > 50


def test_series_are_listed_with_their_number_of_points_and_the_last_one(database):
    add_task(database)
    add_series(database, noise(5_000), reduced_up_to=range(64, 5_000, 64))
    add_series(database, {1: 0.5, 2: "nan"}, name="accuracy")
    add_series(database, {1: 0.25}, attempt=2)
    with database.reading() as connection:
        listed = [
            (each.attempt, each.name, each.points, each.last_step, each.last_value)
            for each in list_series(connection, 1)
        ]
    last = noise(5_000)[4_999]
    assert listed == [(1, "accuracy", 2, 2, None), (1, "loss", 5_000, 4_999, last), (2, "loss", 1, 1, 0.25)]


def test_a_sparkline_is_the_shape_of_the_main_series_in_few_values(database):
    tasks = [replace(TASK, id=n) for n in (1, 2, 3, 4)]
    for task in tasks:
        add_task(database, task)
    add_series(database, {step: step / 10_000 for step in range(10_000)}, reduced_up_to=range(64, 10_000, 64))
    add_series(database, dict.fromkeys(range(10_000), 5.0), name="a")
    add_series(database, {1: 3.0, 2: 2.0, 3: "nan", 4: 1.0}, task_id=2)
    add_series(database, {1: 0.1}, name="accuracy", task_id=3)
    with database.reading() as connection:
        sparks = sparklines(connection, tasks)
    rising = sparks[1]
    assert rising == sorted(rising)
    assert SPARK_VALUES / 2 <= len(rising) <= SPARK_VALUES
    assert (rising[0] < 0.05, rising[-1] > 0.95) == (True, True)
    assert {task_id: spark for task_id, spark in sparks.items() if task_id != 1} == {
        2: [3.0, 2.0, 1.0],
        3: [0.1],
    }


def test_a_sparkline_shows_the_current_attempt(database):
    add_task(database, replace(TASK, attempt=2))
    add_series(database, {1: 1.0})
    add_series(database, {1: 2.0}, attempt=2)
    with database.reading() as connection:
        assert sparklines(connection, [replace(TASK, attempt=2)]) == {1: [2.0]}


def test_the_metrics_of_a_step_are_one_row(database):
    add_task(database)
    add_series(database, {2: 0.5, 1: 0.7})
    add_series(database, {2: 0.9}, name="accuracy")
    add_series(database, {3: 0.1}, name="something else")
    with database.reading() as connection:
        rows = metric_rows(connection, 1, 1)
    assert rows == [
        {"step": 1, "epoch": 0, "loss": 0.7, "accuracy": None},
        {"step": 2, "epoch": 0, "loss": 0.5, "accuracy": 0.9},
    ]
