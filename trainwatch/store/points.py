"""The points that a transaction adds: numbered, staged by series, written, handed on, and then reduced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, func, select

from trainwatch.domain.events import Batch
from trainwatch.domain.report import Column, Point
from trainwatch.store.buckets import SeriesKey
from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import Database, upsert
from trainwatch.store.reduction import CHUNK, Reducer
from trainwatch.store.tables import METRIC_POINTS, METRIC_SERIES

MOST_SERIES = 100_000
MOST_IN_EVENT = 500
_REDUCE_AT_ONCE = 4_096
_POINT = ("task_id", "attempt", "name", "step", "epoch", "value", "flag", "created_at")


@dataclass(slots=True)
class _Series:
    """What is known of a series; `reduced_to` is the last step that its buckets cover."""

    is_new: bool
    last_step: int | None
    stride: int | None
    reduced_to: int | None
    unreduced: int = 0


@dataclass(slots=True)
class _Staged:
    """The points of one series in this transaction, in the order they came."""

    steps: list[int] = field(default_factory=list[int])
    values: list[float | None] = field(default_factory=list[float | None])
    epochs: list[int | None] = field(default_factory=list[int | None])
    ats: list[datetime] = field(default_factory=list[datetime])
    flags: dict[int, str] = field(default_factory=dict[int, str])
    is_late: bool = False


class PointBook:
    """Belongs to the writer's thread; everything between two commits is one transaction."""

    def __init__(self, connection: Connection, database: Database) -> None:
        """Write on `connection`."""
        self._connection = connection
        self._reducer = Reducer(connection, database)
        self._insert_series = upsert(
            database.dialect, METRIC_SERIES, key=("task_id", "attempt", "name"), replace=()
        )
        insert = upsert(database.dialect, METRIC_POINTS, key=_POINT[:4], replace=_POINT[4:])
        self._insert_points = Bulk(insert, database.dialect, _POINT)
        self.clear()

    def clear(self) -> None:
        """Forget everything that was read or staged."""
        self._series: dict[SeriesKey, _Series] = {}
        self._staged: dict[tuple[int, int], dict[SeriesKey, _Staged]] = {}
        self._growing: set[SeriesKey] = set()

    def trim(self) -> None:
        """Forget the series at hand if they have become too many; call between transactions only."""
        if len(self._series) > MOST_SERIES:
            self.clear()

    def add(self, task_id: int, attempt: int, points: tuple[Point, ...], now: datetime) -> None:
        """Stage `points`; one without a step takes its series' last step + 1, the first of all step 1."""
        for point in points:
            key = SeriesKey(task_id, attempt, point.name)
            series, staged = self._open(key)
            step = point.step if point.step is not None else (series.last_step or 0) + 1
            self._advance(series, staged, step)
            if point.flag is not None:
                staged.flags[len(staged.steps)] = point.flag
            staged.steps.append(step)
            staged.values.append(point.value)
            staged.epochs.append(point.epoch)
            staged.ats.append(point.at or now)

    def add_column(
        self, task_id: int, attempt: int, column: Column, epoch: int | None, now: datetime
    ) -> None:
        """Stage a column; without steps of its own it goes on from the series' last."""
        count = len(column.values)
        if not count:
            return
        series, staged = self._open(SeriesKey(task_id, attempt, column.name))
        start = (series.last_step or 0) + 1
        steps = column.steps or range(start, start + count)
        offset = len(staged.steps)
        self._advance(series, staged, steps[0])
        series.last_step = max(series.last_step or 0, steps[-1])
        series.unreduced += count - 1
        staged.steps.extend(steps)
        staged.values.extend(column.values)
        staged.epochs.extend([epoch] * count)
        staged.ats.extend([now] * count)
        staged.flags.update({offset + at: flag for at, flag in column.flags.items()})

    def batches(self, task_id: int, attempt: int) -> Mapping[str, Batch] | None:
        """Return what was staged for one attempt; None if it is too much, or not all at the end."""
        batches: dict[str, Batch] = {}
        count = 0
        for key, staged in self._staged.get((task_id, attempt), {}).items():
            count += len(staged.steps)
            if staged.is_late or count > MOST_IN_EVENT:
                return None
            batches[key.name] = Batch(staged.steps, staged.values, staged.epochs, staged.ats, staged.flags)
        return batches

    def write(self) -> None:
        """Write what is staged, and repair the reductions that late points fall into."""
        if not self._staged:
            return
        new = [key for key, _ in self._all_staged() if self._series[key].is_new]
        if new:
            self._connection.execute(self._insert_series, [key._asdict() for key in new])
        self._insert_points.run(self._connection, self._rows())
        for key, staged in self._all_staged():
            series = self._series[key]
            series.is_new = False
            if staged.is_late and series.reduced_to is not None and series.stride is not None:
                late = [step for step in staged.steps if step <= series.reduced_to]
                self._reducer.repair(key, series.stride, series.reduced_to, late)
            if series.unreduced >= CHUNK:
                self._growing.add(key)
            if series.unreduced >= _REDUCE_AT_ONCE:
                self._reduce(key)

    def settle(self) -> None:
        """Forget what was staged; it is committed and handed on."""
        self._staged = {}

    def reduce(self) -> None:
        """Reduce every series that has grown by a chunk since."""
        for key in list(self._growing):
            self._reduce(key)

    def _reduce(self, key: SeriesKey) -> None:
        series = self._series[key]
        if series.last_step is not None:
            series.stride, series.reduced_to = self._reducer.extend(
                key, series.stride, series.reduced_to, series.last_step
            )
        series.unreduced = 0
        self._growing.discard(key)

    def _open(self, key: SeriesKey) -> tuple[_Series, _Staged]:
        of_attempt = self._staged.setdefault((key.task_id, key.attempt), {})
        staged = of_attempt.get(key)
        if staged is None:
            staged = of_attempt[key] = _Staged()
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._load(key)
        return series, staged

    @staticmethod
    def _advance(series: _Series, staged: _Staged, step: int) -> None:
        if series.last_step is None or step > series.last_step:
            series.last_step = step
        else:
            staged.is_late = True
        series.unreduced += 1

    def _load(self, key: SeriesKey) -> _Series:
        of_series = [METRIC_SERIES.c[name] == value for name, value in key._asdict().items()]
        query = select(METRIC_SERIES.c.stride, METRIC_SERIES.c.reduced_to).where(*of_series)
        row = self._connection.execute(query).first()
        if row is None:
            return _Series(is_new=True, last_step=None, stride=None, reduced_to=None)
        of_points = [METRIC_POINTS.c[name] == value for name, value in key._asdict().items()]
        last_step = self._connection.execute(
            select(func.max(METRIC_POINTS.c.step)).where(*of_points)
        ).scalar()
        # How many are not reduced is not known; as if a chunk were, so that the next point has a look.
        return _Series(
            is_new=False, last_step=last_step, stride=row.stride, reduced_to=row.reduced_to, unreduced=CHUNK
        )

    def _all_staged(self) -> Iterator[tuple[SeriesKey, _Staged]]:
        for of_attempt in self._staged.values():
            yield from of_attempt.items()

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of `_insert_points`: plain tuples, for these are by far the most."""
        for key, staged in self._all_staged():
            count = len(staged.steps)
            flags = list(map(staged.flags.get, range(count))) if staged.flags else repeat(None)
            facts = (
                staged.steps,
                staged.epochs,
                staged.values,
                flags,
                map(self._insert_points.time, staged.ats),
            )
            yield from zip(*(repeat(part, count) for part in key), *facts, strict=False)
