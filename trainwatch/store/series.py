"""Series: which there are, and each as a curve that fits on a screen, however long it is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from trainwatch.domain.curve import Curve, draw, draw_raw
from trainwatch.domain.series import FACTOR, fold, merge_to
from trainwatch.domain.task import Task
from trainwatch.store.buckets import SeriesKey, read_points
from trainwatch.store.levels import Extent, buckets_between, ends_of, find_extent, over_series
from trainwatch.store.tables import METRIC_SERIES

SPARK_VALUES = 40

_MAIN = ("loss", "train_loss", "val_loss", "accuracy")

_SUMMARY = """\
SELECT wanted.attempt, wanted.name,
  (SELECT coalesce(sum(b.count + b.nonfinite), 0) FROM metric_buckets AS b
    WHERE b.task_id = wanted.task_id AND b.attempt = wanted.attempt AND b.name = wanted.name
      AND b.level = wanted.level) AS reduced,
  (SELECT count(*) FROM metric_points AS p
    WHERE p.task_id = wanted.task_id AND p.attempt = wanted.attempt AND p.name = wanted.name
      AND p.step > wanted.after) AS rest,
  last.step AS last_step, last.value AS last_value
FROM wanted LEFT JOIN metric_points AS last
  ON last.task_id = wanted.task_id AND last.attempt = wanted.attempt AND last.name = wanted.name
    AND last.step = (SELECT max(p.step) FROM metric_points AS p
      WHERE p.task_id = wanted.task_id AND p.attempt = wanted.attempt AND p.name = wanted.name)
ORDER BY wanted.attempt, wanted.name
"""
_OUTLINE = """\
SELECT wanted.task_id, b.bucket, b.sum, b.count AS points
FROM wanted CROSS JOIN metric_buckets AS b
WHERE b.task_id = wanted.task_id AND b.attempt = wanted.attempt AND b.name = wanted.name
  AND b.level = wanted.level
"""
_REST = """\
SELECT wanted.task_id, p.step, p.value
FROM wanted CROSS JOIN metric_points AS p
WHERE p.task_id = wanted.task_id AND p.attempt = wanted.attempt AND p.name = wanted.name
  AND p.step > wanted.after AND p.value IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveQuery:
    """Which part of which series, and in how many points.

    `first` and `last` are the ends of a zoom; up to and including `since` the caller has it already.
    `attempt` None is the current one.
    """

    name: str
    points: int = 1000
    first: int | None = None
    last: int | None = None
    since: int | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A curve, the level it was read at (0: every point), and where the whole series begins and ends."""

    curve: Curve
    level: int
    first_step: int | None
    last_step: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """One series, how many points it has, and the last of them; a value of None is not finite."""

    name: str
    attempt: int
    points: int
    last_step: int | None
    last_value: float | None


def read_curve(connection: Connection, task_id: int, attempt: int, query: CurveQuery) -> Reading:
    """Return what is wanted of one series; of an unknown one, an empty curve.

    Every point if there are at most twice `query.points`, else the extremes of buckets, at most
    `query.points` and a few. The cost is that of what is drawn, not of what there is.
    """
    key = SeriesKey(task_id, attempt, query.name)
    extent = find_extent(connection, key)
    ends = ends_of(connection, key)
    if extent is None or ends is None:
        return Reading(Curve(), 0, None, None)
    first = max(ends[0], query.first or 0, 0 if query.since is None else query.since + 1)
    last = ends[1] if query.last is None else min(ends[1], query.last)
    level, curve = _curve(connection, extent, first, last, query.points)
    return Reading(curve, level, *ends)


def _curve(connection: Connection, extent: Extent, first: int, last: int, points: int) -> tuple[int, Curve]:
    level = extent.level_for(first, last, points)
    if level == 0:
        raw = read_points(connection, extent.key, first, last, at_most=2 * points + 1)
        if len(raw) <= 2 * points:
            return 0, draw_raw(raw)
        level = min(1, extent.top_level)  # its steps lie closer than its first ones did
    if level == 0:
        buckets = fold(read_points(connection, extent.key, first, last), FACTOR)
    else:
        buckets = buckets_between(connection, extent, level, first, last)
    return max(1, level), draw(merge_to(buckets, points // 2))


def metric_rows(connection: Connection, task_id: int, attempt: int) -> list[dict[str, Any]]:
    """Return {step, epoch, loss, accuracy} for every step of an attempt, in order."""
    query = text(
        "SELECT step, epoch, loss, accuracy FROM training_metrics"
        " WHERE job_id = :task_id AND attempt = :attempt ORDER BY step"
    )
    rows = connection.execute(query, {"task_id": task_id, "attempt": attempt})
    return [
        {"step": row.step, "epoch": row.epoch, "loss": row.loss, "accuracy": row.accuracy} for row in rows
    ]


def list_series(connection: Connection, task_id: int) -> list[Series]:
    """Return every series of every attempt of a task, by attempt and name; counted without a scan."""
    rows = over_series(connection, _extents(connection, [task_id]), _SUMMARY)
    return [
        Series(row.name, row.attempt, int(row.reduced) + row.rest, row.last_step, row.last_value)
        for row in rows
    ]


def sparklines(connection: Connection, tasks: Sequence[Task]) -> dict[int, list[float]]:
    """Return some 20 to 40 values of the main series of each task's current attempt, by task id.

    Each is the mean of what it stands for. Tasks without a series are left out.
    """
    extents = _main_series(connection, tasks)
    cells: dict[int, dict[int, list[float]]] = defaultdict(dict)
    for row in over_series(connection, extents.values(), _OUTLINE):
        cells[row.task_id][row.bucket] = [row.sum, row.points]
    for row in over_series(connection, extents.values(), _REST):
        cell = cells[row.task_id].setdefault(row.step // extents[row.task_id].outline_width, [0.0, 0])
        cell[0] += row.value
        cell[1] += 1
    return {task_id: _spark(of_task) for task_id, of_task in cells.items()}


def _spark(cells: dict[int, list[float]]) -> list[float]:
    factor = 1
    while len({number // factor for number in cells}) > SPARK_VALUES:
        factor *= 2
    merged: dict[int, list[float]] = {}
    for number, (total, count) in sorted(cells.items()):
        cell = merged.setdefault(number // factor, [0.0, 0])
        cell[0] += total
        cell[1] += count
    return [float(f"{total / count:.4g}") for total, count in merged.values() if count]


def _main_series(connection: Connection, tasks: Sequence[Task]) -> dict[int, Extent]:
    """Return one series of the current attempt of each task that has any."""
    attempts = {task.id: task.attempt for task in tasks}
    chosen: dict[int, Extent] = {}
    for extent in _extents(connection, attempts):
        task_id, attempt, _ = extent.key
        if attempt == attempts[task_id] and (
            task_id not in chosen or _rank(extent.key.name) < _rank(chosen[task_id].key.name)
        ):
            chosen[task_id] = extent
    return chosen


def _rank(name: str) -> tuple[int, str]:
    return (_MAIN.index(name) if name in _MAIN else len(_MAIN), name)


def _extents(connection: Connection, task_ids: Iterable[int]) -> list[Extent]:
    query = select(METRIC_SERIES).where(METRIC_SERIES.c.task_id.in_(list(task_ids)))
    return [
        Extent(SeriesKey(row.task_id, row.attempt, row.name), row.stride, row.reduced_to)
        for row in connection.execute(query)
    ]
