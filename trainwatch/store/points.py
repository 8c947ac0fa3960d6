"""The points that a transaction adds: numbered, staged by series, written, handed on, and then reduced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, func, select

from trainwatch.domain.events import PointRow
from trainwatch.domain.report import Column, Point
from trainwatch.store.buckets import SeriesKey, of_series, stale_chunks
from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import Database, upsert
from trainwatch.store.reduction import CHUNK, Reducer
from trainwatch.store.tables import METRIC_POINTS, METRIC_SERIES

MOST_ATTEMPTS = 20_000
MOST_IN_EVENT = 500
_REDUCE_AT_ONCE = 4_096
_REPAIR_AT_ONCE = 64
_POINT = ("task_id", "attempt", "name", "step", "epoch", "value", "flag", "created_at")


@dataclass(slots=True)
class _Series:
    """What is known of a series: `reduced_to` is the last step that its buckets cover.

    `late` holds the numbers of chunks in which points came since they were reduced; the database knows them too.
    """

    key: SeriesKey
    last_step: int | None = None
    stride: int | None = None
    reduced_to: int | None = None
    unreduced: int = 0
    late: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class _Staged:
    """The points of one attempt in this transaction, in the order they came."""

    rows: list[PointRow] = field(default_factory=list[PointRow])
    is_late: bool = False


class PointBook:
    """Belongs to the writer's thread; everything between two commits is one transaction."""

    def __init__(self, connection: Connection, database: Database) -> None:
        """Write on `connection`."""
        self._connection = connection
        self._reducer = Reducer(connection, database)
        self._insert_series = upsert(database.dialect, METRIC_SERIES, key=SeriesKey._fields, replace=())
        insert = upsert(database.dialect, METRIC_POINTS, key=_POINT[:4], replace=_POINT[4:])
        self._insert_points = Bulk(insert, database.dialect, _POINT)
        self.clear()

    def clear(self) -> None:
        """Forget everything that was read or staged."""
        self._series: dict[tuple[int, int], dict[str, _Series]] = {}
        self._growing: dict[SeriesKey, _Series] = {}
        self.settle()

    def settle(self) -> None:
        """Forget what was staged; it is committed and handed on."""
        self._staged: dict[tuple[int, int], _Staged] = {}
        self._new: list[_Series] = []
        self._late: dict[SeriesKey, _Series] = {}

    def forget(self, task_id: int) -> None:
        """Forget all that was read or staged of a task that is no longer there."""
        self._series = {key: series for key, series in self._series.items() if key[0] != task_id}
        self._staged = {key: staged for key, staged in self._staged.items() if key[0] != task_id}
        self._growing = {key: series for key, series in self._growing.items() if key.task_id != task_id}
        self._late = {key: series for key, series in self._late.items() if key.task_id != task_id}
        self._new = [series for series in self._new if series.key.task_id != task_id]

    def forget_staged(self) -> None:
        """Forget what was staged, for it was undone, with the series that it belongs to."""
        for key in self._staged:
            for series in self._series.pop(key, {}).values():
                self._growing.pop(series.key, None)
        self.settle()

    def trim(self) -> None:
        """Forget the series at hand if there are too many; call between transactions only."""
        if len(self._series) > MOST_ATTEMPTS:
            self.clear()

    def add(self, task_id: int, attempt: int, points: tuple[Point, ...], now: datetime) -> None:
        """Stage `points`; one without a step takes its series' last step + 1, the first of all step 1.

        One without a time of its own, or with one in the future, is of `now`.
        """
        known, staged = self._open(task_id, attempt)
        for name, value, step, epoch, flag, at in points:
            series = known.get(name) or self._load(known, SeriesKey(task_id, attempt, name))
            if step is None:
                step = (series.last_step or 0) + 1  # noqa: PLW2901
            self._advance(series, staged, step, step, 1)
            staged.rows.append((name, step, epoch, value, flag, now if at is None or at > now else at))

    def add_column(
        self, task_id: int, attempt: int, column: Column, epoch: int | None, now: datetime
    ) -> None:
        """Stage a column; without steps of its own it goes on from the series' last."""
        count = len(column.values)
        if not count:
            return
        known, staged = self._open(task_id, attempt)
        series = known.get(column.name) or self._load(known, SeriesKey(task_id, attempt, column.name))
        start = (series.last_step or 0) + 1
        steps = column.steps or range(start, start + count)
        self._advance(series, staged, steps[0], steps[-1], count)
        if series.key in self._late:
            reduced_to, width = series.reduced_to or 0, (series.stride or 1) * CHUNK
            self._note_late(series, {step // width for step in steps if step <= reduced_to})
        flags = map(column.flags.get, range(count)) if column.flags else repeat(None)
        rows = zip(repeat(column.name), steps, repeat(epoch), column.values, flags, repeat(now), strict=False)
        staged.rows.extend(rows)

    def points_of(self, task_id: int, attempt: int) -> Sequence[PointRow] | None:
        """Return what was staged for one attempt; None if it is too much, or not all at the end."""
        staged = self._staged.get((task_id, attempt))
        if staged is None:
            return ()
        return None if staged.is_late or len(staged.rows) > MOST_IN_EVENT else staged.rows

    def write(self) -> None:
        """Write what is staged, and bring those reductions up to date that have waited long enough."""
        if self._new:
            self._connection.execute(self._insert_series, [series.key._asdict() for series in self._new])
        self._insert_points.run(self._connection, self._rows())
        for series in list(self._growing.values()):
            if series.unreduced >= _REDUCE_AT_ONCE or len(series.late) >= _REPAIR_AT_ONCE:
                self._reduce(series)
        for series in self._late.values():
            if series.late:  # else it was repaired just now
                self._reducer.mark_stale(series.key, series.late)

    def recover(self) -> None:
        """Take up the repairs that a server left undone when it died."""
        columns = METRIC_SERIES.c
        query = select(columns.task_id, columns.attempt, columns.name).where(columns.stale.is_not(None))
        for row in self._connection.execute(query).all():
            key = SeriesKey._make(row)
            known = self._series.setdefault((key.task_id, key.attempt), {})
            self._growing[key] = self._load(known, key)

    def reduce(self) -> None:
        """Reduce every series that has grown by a chunk since, or lacks late points."""
        for series in list(self._growing.values()):
            self._reduce(series)

    def _reduce(self, series: _Series) -> None:
        if series.late and series.stride is not None and series.reduced_to is not None:
            self._reducer.repair(series.key, series.stride, series.reduced_to, series.late)
            series.late.clear()
        if series.last_step is not None:
            series.stride, series.reduced_to = self._reducer.extend(
                series.key, series.stride, series.reduced_to, series.last_step
            )
        series.unreduced = 0
        self._growing.pop(series.key, None)

    def _advance(self, series: _Series, staged: _Staged, first: int, last: int, count: int) -> None:
        """Note that `count` points from step `first` to `last` come next."""
        if series.last_step is None or first > series.last_step:
            series.last_step = last
        else:
            staged.is_late |= first < series.last_step  # who watches puts one in the place of the last
            series.last_step = max(series.last_step, last)
            if series.reduced_to is not None and first <= series.reduced_to:
                self._note_late(series, {first // ((series.stride or 1) * CHUNK)})
        series.unreduced += count
        if series.unreduced >= CHUNK:
            self._growing[series.key] = series

    def _note_late(self, series: _Series, chunks: set[int]) -> None:
        """Remember to repair the chunks that late points fall into, also if the server dies before."""
        if not chunks <= series.late:
            series.late |= chunks
            self._late[series.key] = self._growing[series.key] = series

    def _open(self, task_id: int, attempt: int) -> tuple[dict[str, _Series], _Staged]:
        key = (task_id, attempt)
        staged = self._staged.get(key)
        if staged is None:
            staged = self._staged[key] = _Staged()
        return self._series.setdefault(key, {}), staged

    def _load(self, known: dict[str, _Series], key: SeriesKey) -> _Series:
        columns = METRIC_SERIES.c
        query = select(columns.stride, columns.reduced_to, columns.stale)
        row = self._connection.execute(query.where(*of_series(METRIC_SERIES, key))).first()
        series = known[key.name] = _Series(key)
        if row is None:
            self._new.append(series)
            return series
        last = select(func.max(METRIC_POINTS.c.step)).where(*of_series(METRIC_POINTS, key))
        series.last_step = self._connection.scalar(last)
        series.stride, series.reduced_to, stale = row
        series.unreduced = CHUNK  # not known; the next point has a look
        series.late.update(stale_chunks(stale))
        return series

    def _rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `_insert_points`, series by series: SQLite is quickest at the end of one."""
        time, by_name = self._insert_points.time, itemgetter(0)
        return [
            (task_id, attempt, name, step, epoch, value, flag, time(at))
            for (task_id, attempt), staged in self._staged.items()
            for name, step, epoch, value, flag, at in sorted(staged.rows, key=by_name)
        ]
