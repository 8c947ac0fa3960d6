"""The reductions of a series: kept up as it grows, repaired where a late point falls."""

import json
from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Connection, delete, select, update

from trainwatch.domain.series import FACTOR, Bucket, fold, merge, power_near, stride_of, width_of
from trainwatch.store.buckets import SeriesKey, of_series, read_buckets, read_points
from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import Database, upsert
from trainwatch.store.tables import METRIC_BUCKETS, METRIC_POINTS, METRIC_SERIES

CHUNK = FACTOR * FACTOR
"""Points that are reduced together: buckets of the first two levels are always whole."""

MOST_ON_TOP = 8
"""Levels are added until the highest has no more buckets than this."""

MOST_IN_BUCKET = 8 * FACTOR
"""More points than this in a bucket of the first level mean that the stride was guessed too large."""

_SAMPLE = 65
_KEY = (*SeriesKey._fields, "level", "bucket")
_COLUMNS = (*SeriesKey._fields, "level", *Bucket._fields)


class Reducer:
    """Writes `metric_buckets`, on the writer's connection and within its transaction.

    The buckets of each level cover all points up to and including step `reduced_to`, which ends a chunk.
    """

    def __init__(self, connection: Connection, database: Database) -> None:
        """Reduce on `connection`."""
        self._connection = connection
        facts = [name for name in Bucket._fields if name not in _KEY]
        statement = upsert(database.dialect, METRIC_BUCKETS, key=_KEY, replace=facts)
        self._upsert = Bulk(statement, database.dialect, _COLUMNS)

    def extend(
        self, key: SeriesKey, stride: int | None, reduced_to: int | None, last_step: int
    ) -> tuple[int | None, int | None]:
        """Reduce what came after `reduced_to`, up to the last whole chunk; return stride and `reduced_to`."""
        if stride is None:
            stride = self._stride(key)
        if stride is None:
            return None, None
        first = 0 if reduced_to is None else reduced_to + 1
        end = _last_of_chunk(last_step, stride)
        if end < first:
            return stride, reduced_to
        fullest = self._reduce(key, stride, (first, end), end)
        if fullest > MOST_IN_BUCKET and (finer := self._stride(key, before=end)) and finer < stride:
            stride, end = finer, _last_of_chunk(last_step, finer)
            self._connection.execute(delete(METRIC_BUCKETS).where(*of_series(METRIC_BUCKETS, key)))
            self._reduce(key, stride, (0, end), end)
        series = update(METRIC_SERIES).where(*of_series(METRIC_SERIES, key))
        self._connection.execute(series.values(stride=stride, reduced_to=end))
        return stride, end

    def mark_stale(self, key: SeriesKey, chunks: Iterable[int]) -> None:
        """Note which chunks lack points in their buckets, until they are repaired."""
        series = update(METRIC_SERIES).where(*of_series(METRIC_SERIES, key))
        self._connection.execute(series.values(stale=json.dumps(sorted(chunks))))

    def repair(self, key: SeriesKey, stride: int, reduced_to: int, chunks: Iterable[int]) -> None:
        """Reduce `chunks` anew, all of them up to `reduced_to` and so reduced before."""
        width = stride * CHUNK
        for _, run in groupby(
            enumerate(sorted(chunks)), lambda pair: pair[1] - pair[0]
        ):  # neighbours together
            numbers = [chunk for _, chunk in run]
            self._reduce(key, stride, (numbers[0] * width, (numbers[-1] + 1) * width - 1), reduced_to)
        series = update(METRIC_SERIES).where(*of_series(METRIC_SERIES, key))
        self._connection.execute(series.values(stale=None))

    def _stride(self, key: SeriesKey, *, before: int | None = None) -> int | None:
        """Return the power of 8 near the usual gap between the first steps, or the last ones `before` a step."""
        steps = METRIC_POINTS.c.step
        query = select(steps).where(*of_series(METRIC_POINTS, key)).limit(_SAMPLE)
        if before is None:
            query = query.order_by(steps)
        else:
            query = query.where(steps <= before).order_by(steps.desc())
        sample = sorted(self._connection.scalars(query))
        return power_near(stride_of(sample)) if len(sample) > 1 else None

    def _reduce(self, key: SeriesKey, stride: int, chunks: tuple[int, int], reduced_to: int) -> int:
        """Work out every level from the points of `chunks`, their first and last step.

        Returns the most points that a bucket of the first level holds.
        """
        first, last = chunks
        buckets = fold(read_points(self._connection, key, first, last), width_of(1, stride))
        fullest = max((bucket.count + bucket.nonfinite for bucket in buckets), default=0)
        self._write(key, 1, buckets)
        level = 1
        while reduced_to // width_of(level, stride) >= MOST_ON_TOP:
            # a level that these points call for begins with all that came before them
            is_new = (first - 1) // width_of(level, stride) < MOST_ON_TOP
            level += 1
            width = width_of(level, stride)
            children = 0 if is_new else first // width * FACTOR, (last // width + 1) * FACTOR - 1
            self._write(key, level, merge(read_buckets(self._connection, key, level - 1, *children)))
        return fullest

    def _write(self, key: SeriesKey, level: int, buckets: list[Bucket]) -> None:
        self._upsert.run(self._connection, [(*key, level, *bucket) for bucket in buckets])


def _last_of_chunk(step: int, stride: int) -> int:
    """Return the last step of the last chunk that is whole at `step`; -1 if none is."""
    width = stride * CHUNK
    return step // width * width - 1
