"""The points that a transaction adds: numbered, staged by series, written, handed on, and then reduced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Connection, func, select

from trainwatch.domain.events import Batch
from trainwatch.domain.report import Column, Point
from trainwatch.store.buckets import SeriesKey, of_series
from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import Database, upsert
from trainwatch.store.reduction import CHUNK, Reducer
from trainwatch.store.tables import METRIC_POINTS, METRIC_SERIES

MOST_SERIES = 100_000
MOST_IN_EVENT = 500
_REDUCE_AT_ONCE = 4_096
_REPAIR_AT_ONCE = 1_024
_POINT = ("task_id", "attempt", "name", "step", "epoch", "value", "flag", "created_at")


@dataclass(slots=True)
class _Series:
    """What is known of a series: `reduced_to` is the last step that its buckets cover.

    `late` holds the steps of points that came since they were reduced; from `stale_from` on
    the database knows that there may be such.
    """

    is_new: bool
    last_step: int | None
    stride: int | None
    reduced_to: int | None
    unreduced: int = 0
    stale_from: int | None = None
    late: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class _Staged:
    """The points of one series in this transaction, in the order they came."""

    key: SeriesKey
    series: _Series
    steps: list[int] = field(default_factory=list[int])
    values: list[float | None] = field(default_factory=list[float | None])
    epochs: list[int | None] = field(default_factory=list[int | None])
    ats: list[datetime] = field(default_factory=list[datetime])
    flags: dict[int, str] = field(default_factory=dict[int, str])
    is_late: bool = False

    def advance(self, step: int) -> None:
        """Note that a point at `step` comes next."""
        series = self.series
        if series.last_step is None or step > series.last_step:
            series.last_step = step
        else:
            self.is_late = True
        series.unreduced += 1


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
        self._staged: dict[tuple[int, int], dict[str, _Staged]] = {}
        self._growing: set[SeriesKey] = set()

    def trim(self) -> None:
        """Forget the series at hand if they have become too many; call between transactions only."""
        if len(self._series) > MOST_SERIES:
            self.clear()

    def add(self, task_id: int, attempt: int, points: tuple[Point, ...], now: datetime) -> None:
        """Stage `points`; one without a step takes its series' last step + 1, the first of all step 1."""
        of_attempt = self._staged.setdefault((task_id, attempt), {})
        for name, value, step, epoch, flag, at in points:
            staged = of_attempt.get(name) or self._open(of_attempt, SeriesKey(task_id, attempt, name))
            if step is None:
                step = (staged.series.last_step or 0) + 1  # noqa: PLW2901
            staged.advance(step)
            if flag is not None:
                staged.flags[len(staged.steps)] = flag
            staged.steps.append(step)
            staged.values.append(value)
            staged.epochs.append(epoch)
            staged.ats.append(at or now)

    def add_column(
        self, task_id: int, attempt: int, column: Column, epoch: int | None, now: datetime
    ) -> None:
        """Stage a column; without steps of its own it goes on from the series' last."""
        count = len(column.values)
        if not count:
            return
        of_attempt = self._staged.setdefault((task_id, attempt), {})
        staged = of_attempt.get(column.name) or self._open(
            of_attempt, SeriesKey(task_id, attempt, column.name)
        )
        series = staged.series
        start = (series.last_step or 0) + 1
        steps = column.steps or range(start, start + count)
        offset = len(staged.steps)
        staged.advance(steps[0])
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
        for name, staged in self._staged.get((task_id, attempt), {}).items():
            count += len(staged.steps)
            if staged.is_late or count > MOST_IN_EVENT:
                return None
            batches[name] = Batch(staged.steps, staged.values, staged.epochs, staged.ats, staged.flags)
        return batches

    def write(self) -> None:
        """Write what is staged, and repair the reductions that late points fall into."""
        if not self._staged:
            return
        new = [staged.key for staged in self._all_staged() if staged.series.is_new]
        if new:
            self._connection.execute(self._insert_series, [key._asdict() for key in new])
        self._insert_points.run(self._connection, self._rows())
        for staged in self._all_staged():
            key, series = staged.key, staged.series
            series.is_new = False
            if staged.is_late:
                self._note_late(staged)
            if series.unreduced >= CHUNK or series.late:
                self._growing.add(key)
            if series.unreduced >= _REDUCE_AT_ONCE or len(series.late) >= _REPAIR_AT_ONCE:
                self._reduce(key)

    def _note_late(self, staged: _Staged) -> None:
        """Remember to repair the reductions that late points fall into, also if the server dies before."""
        series = staged.series
        if series.reduced_to is None:
            return
        late = [step for step in staged.steps if step <= series.reduced_to]
        series.late.update(late)
        if late and (series.stale_from is None or min(late) < series.stale_from):
            series.stale_from = min(late)
            self._reducer.mark_stale(staged.key, series.stale_from)

    def settle(self) -> None:
        """Forget what was staged; it is committed and handed on."""
        self._staged = {}

    def recover(self) -> None:
        """Take up the repairs that a server left undone when it died."""
        columns = METRIC_SERIES.c
        query = select(columns.task_id, columns.attempt, columns.name).where(columns.stale_from.is_not(None))
        for row in self._connection.execute(query).all():
            key = SeriesKey._make(row)
            self._series[key] = self._load(key)
            self._growing.add(key)

    def reduce(self) -> None:
        """Reduce every series that has grown by a chunk since."""
        for key in list(self._growing):
            self._reduce(key)

    def _reduce(self, key: SeriesKey) -> None:
        series = self._series[key]
        if series.stale_from is not None and series.stride is not None and series.reduced_to is not None:
            self._reducer.repair(key, series.stride, series.reduced_to, series.late)
            series.stale_from = None
            series.late.clear()
        if series.last_step is not None:
            series.stride, series.reduced_to = self._reducer.extend(
                key, series.stride, series.reduced_to, series.last_step
            )
        series.unreduced = 0
        self._growing.discard(key)

    def _open(self, of_attempt: dict[str, _Staged], key: SeriesKey) -> _Staged:
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._load(key)
        staged = of_attempt[key.name] = _Staged(key, series)
        return staged

    def _load(self, key: SeriesKey) -> _Series:
        columns = METRIC_SERIES.c
        query = select(columns.stride, columns.reduced_to, columns.stale_from).where(
            *of_series(METRIC_SERIES, key)
        )
        row = self._connection.execute(query).first()
        if row is None:
            return _Series(is_new=True, last_step=None, stride=None, reduced_to=None)
        last = select(func.max(METRIC_POINTS.c.step)).where(*of_series(METRIC_POINTS, key))
        series = _Series(
            is_new=False,
            last_step=self._connection.scalar(last),
            stride=row.stride,
            reduced_to=row.reduced_to,
            unreduced=CHUNK,  # not known; the next point has a look
            stale_from=row.stale_from,
        )
        if row.stale_from is not None:  # the server died before the repair: look at every chunk since
            series.late.update(range(row.stale_from, row.reduced_to + 1, row.stride * CHUNK))
        return series

    def _all_staged(self) -> Iterator[_Staged]:
        for of_attempt in self._staged.values():
            yield from of_attempt.values()

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        """Return the rows of `_insert_points`; no line of Python a row, for these are by far the most."""
        return chain.from_iterable(map(self._rows_of, self._all_staged()))

    def _rows_of(self, staged: _Staged) -> Iterator[tuple[Any, ...]]:
        count = len(staged.steps)
        flags = map(staged.flags.get, range(count)) if staged.flags else repeat(None)
        times = map(self._insert_points.time, staged.ats)
        key = (repeat(part) for part in staged.key)
        return zip(*key, staged.steps, staged.epochs, staged.values, flags, times, strict=False)
