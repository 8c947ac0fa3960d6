"""Series: which there are, and each as a curve that fits on a screen, however long it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from trainwatch.domain.curve import Curve, draw, draw_raw
from trainwatch.domain.series import Sample, level_for, merge_to, width_of
from trainwatch.domain.task import Task
from trainwatch.store.buckets import SeriesKey, read_points
from trainwatch.store.levels import (
    Extent,
    Wanted,
    buckets_between,
    ends_of,
    extent_of,
    find_extent,
    over_series,
    read_level,
)
from trainwatch.store.tables import METRIC_SERIES

SPARK_VALUES = 40
_SPARK_BUCKETS = 64
"""The most buckets that a sparkline is read in, empty ones counted."""

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
_ENDS = """\
SELECT wanted.task_id,
  (SELECT min(p.step) FROM metric_points AS p WHERE p.task_id = wanted.task_id
    AND p.attempt = wanted.attempt AND p.name = wanted.name) AS first_step,
  (SELECT max(p.step) FROM metric_points AS p WHERE p.task_id = wanted.task_id
    AND p.attempt = wanted.attempt AND p.name = wanted.name) AS last_step
FROM wanted
"""
_OUTLINE = """\
SELECT wanted.task_id, b.first_step, b.sum, b.count AS points
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
    most = 2 * points
    level = level_for(first, last, extent.unit, most)
    is_likely_short = (last - first) // (extent.stride or 1) < most or extent.reduced_to is None
    if is_likely_short and (raw := _few(connection, extent, first, last, most)) is not None:
        return 0, draw_raw(raw)
    buckets = buckets_between(connection, extent, width_of(level, extent.unit), first, last)
    if not is_likely_short and sum(each.count + each.nonfinite for each in buckets[1:-1]) <= most:
        raw = _few(connection, extent, first, last, most)
        if raw is not None:
            return 0, draw_raw(raw)
    return max(1, level), draw(merge_to(buckets, points // 2))


def _few(connection: Connection, extent: Extent, first: int, last: int, most: int) -> list[Sample] | None:
    """Return every point from one step to another; None if there are more than `most`."""
    raw = read_points(connection, extent.key, first, last, at_most=most + 1)
    return raw if len(raw) <= most else None


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
    extents = {(each.key.attempt, each.key.name): each for each in _extents(connection, [task_id])}
    wanted = [Wanted(each, max(min(1, each.top_level), each.top_level - 1)) for each in extents.values()]
    listed: list[Series] = []
    for row in over_series(connection, wanted, _SUMMARY):
        extent = extents[row.attempt, row.name]
        reduced = _count_reduced(connection, extent) if extent.stale else int(row.reduced)
        listed.append(Series(row.name, row.attempt, reduced + row.rest, row.last_step, row.last_value))
    return listed


def _count_reduced(connection: Connection, extent: Extent) -> int:
    """Return how many points there are up to `reduced_to`, late ones among them."""
    level = extent.top_level
    number = (extent.reduced_to or 0) // width_of(level, extent.stride or 1)
    return sum(each.count + each.nonfinite for each in read_level(connection, extent, level, 0, number))


def sparklines(connection: Connection, tasks: Sequence[Task]) -> dict[int, list[float]]:
    """Return at most 40 values of the main series of each task's current attempt, by task id.

    Each is the mean of what it stands for. Tasks without a series are left out.
    """
    extents = _main_series(connection, tasks)
    widths: dict[int, int] = {}
    for row in over_series(connection, map(Wanted, extents.values()), _ENDS):
        if row.first_step is not None:
            unit = extents[row.task_id].unit
            widths[row.task_id] = width_of(
                level_for(row.first_step, row.last_step, unit, _SPARK_BUCKETS), unit
            )
    cells = {task_id: Cells() for task_id in widths}
    wanted: dict[int, Wanted] = {}
    for task_id, width in widths.items():
        extent = extents[task_id]
        level = extent.stored_level(width)
        wanted[task_id] = Wanted(extent, level)
        if extent.stale and level:
            last = (extent.reduced_to or 0) // width_of(level, extent.stride or 1)
            for each in read_level(connection, extent, level, 0, last):
                cells[task_id].add(each.first_step // width, each.sum, each.count)
    fresh = [each for each in wanted.values() if not each.extent.stale]
    for row in over_series(connection, fresh, _OUTLINE):
        cells[row.task_id].add(row.first_step // widths[row.task_id], row.sum, row.points)
    for row in over_series(connection, wanted.values(), _REST):
        cells[row.task_id].add(row.step // widths[row.task_id], row.value, 1)
    return {task_id: spark for task_id, of_task in cells.items() if (spark := of_task.means())}


class Cells:
    """Sums and counts of finite values by the number of their bucket."""

    def __init__(self) -> None:
        """Start with none."""
        self._cells: dict[int, tuple[float, int]] = {}

    def add(self, number: int, total: float, count: int) -> None:
        """Add `count` values to a bucket; without any it need not be there."""
        if not count:
            return
        before, counted = self._cells.get(number, (0.0, 0))
        self._cells[number] = before + total, counted + count

    def means(self) -> list[float]:
        """Return the means of the buckets in order, neighbours joined until they are few."""
        factor = 1
        while len({number // factor for number in self._cells}) > SPARK_VALUES:
            factor *= 2
        joined = Cells()
        for number, (total, count) in sorted(self._cells.items()):
            joined.add(number // factor, total, count)
        return [float(f"{total / count:.4g}") for total, count in joined._cells.values()]


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
    return [extent_of(row) for row in connection.execute(query)]
