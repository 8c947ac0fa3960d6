"""How far series are reduced, and so where to read how much of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select, text

from trainwatch.domain.series import FACTOR, Bucket, fold, merge, power_near, width_of
from trainwatch.store.buckets import SeriesKey, of_series, read_buckets, read_points, stale_chunks
from trainwatch.store.reduction import MOST_ON_TOP
from trainwatch.store.tables import METRIC_POINTS, METRIC_SERIES

_WANTED = {
    "sqlite": """\
WITH wanted AS MATERIALIZED (
  SELECT json_extract(value, '$.task_id') AS task_id, json_extract(value, '$.attempt') AS attempt,
    json_extract(value, '$.name') AS name, json_extract(value, '$.level') AS level,
    json_extract(value, '$.after') AS after
  FROM json_each(:wanted)
)
""",
    "postgresql": """\
WITH wanted AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:wanted AS json))
    AS wanted(task_id integer, attempt integer, name varchar, level integer, after bigint)
)
""",
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a series is reduced; `stride` and `reduced_to` are None until it is.

    The buckets of the chunks `stale` lack late points. What is read depends on none of this, only how.
    """

    key: SeriesKey
    stride: int | None
    reduced_to: int | None
    stale: tuple[int, ...] = ()

    @property
    def top_level(self) -> int:
        """The highest level that is stored, of at most 8 buckets; 0 if none is."""
        if self.stride is None or self.reduced_to is None:
            return 0
        level = 1
        while self.reduced_to // width_of(level, self.stride) >= MOST_ON_TOP:
            level += 1
        return level

    @property
    def unit(self) -> int:
        """What the widths of buckets are multiples of, by powers of 8; 1 but in series of older versions."""
        return 1 if self.stride is None or power_near(self.stride) == self.stride else self.stride

    def stored_level(self, width: int) -> int:
        """Return the highest stored level whose buckets are no wider than `width`; 0 if none is."""
        level = 0
        while level < self.top_level and width_of(level + 1, self.stride or 1) <= width:
            level += 1
        return level


def extent_of(row: Row[Any]) -> Extent:
    """Return how far the series is reduced that `row`, of `select(METRIC_SERIES)`, is of."""
    key = SeriesKey(row.task_id, row.attempt, row.name)
    return Extent(key, row.stride, row.reduced_to, stale_chunks(row.stale))


def find_extent(connection: Connection, key: SeriesKey) -> Extent | None:
    """Return how far a series is reduced; None if there is no such series."""
    row = connection.execute(select(METRIC_SERIES).where(*of_series(METRIC_SERIES, key))).first()
    return None if row is None else extent_of(row)


def ends_of(connection: Connection, key: SeriesKey) -> tuple[int, int] | None:
    """Return the first and the last step of a series; None if it has no points."""
    step = METRIC_POINTS.c.step
    # One at a time: SQLite looks up a min or a max alone, but scans for both.
    first = connection.scalar(select(func.min(step)).where(*of_series(METRIC_POINTS, key)))
    last = connection.scalar(select(func.max(step)).where(*of_series(METRIC_POINTS, key)))
    return None if first is None or last is None else (first, last)


def buckets_between(
    connection: Connection, extent: Extent, width: int, first: int, last: int
) -> list[Bucket]:
    """Return the whole buckets of `width` steps that hold the steps `first` to `last`, however much is reduced."""
    start, end = first // width * width, (last // width + 1) * width - 1
    level = extent.stored_level(width)
    if level == 0 or extent.reduced_to is None or start > extent.reduced_to:
        return fold(read_points(connection, extent.key, start, end), width)
    own = width_of(level, extent.stride or 1)
    numbers = start // own, min(end, extent.reduced_to) // own
    stored = read_level(connection, extent, level, *numbers)
    rest = read_points(connection, extent.key, extent.reduced_to + 1, end)
    return merge([*stored, *fold(rest, own)], width // own)


def read_level(connection: Connection, extent: Extent, level: int, first: int, last: int) -> list[Bucket]:
    """Return the stored buckets of `level` from number `first` to `last`, those that lack late points worked out anew."""
    stored = read_buckets(connection, extent.key, level, first, last)
    stale = sorted(number for number in _stale_at(extent, level) if first <= number <= last)
    if not stale:
        return stored
    fresh = [bucket for number in stale for bucket in _worked_out(connection, extent, level, number)]
    kept = [bucket for bucket in stored if bucket.bucket not in stale]
    return sorted([*kept, *fresh], key=lambda bucket: bucket.bucket)


def _stale_at(extent: Extent, level: int) -> set[int]:
    """Return the numbers of the buckets of `level` that lack late points: a chunk is a bucket of level 2."""
    if level == 1:
        return {chunk * FACTOR + number for chunk in extent.stale for number in range(FACTOR)}
    return {chunk // FACTOR ** (level - 2) for chunk in extent.stale}


def _worked_out(connection: Connection, extent: Extent, level: int, number: int) -> list[Bucket]:
    """Return a bucket, or nothing where it has no points, from its points or from the level below."""
    assert extent.reduced_to is not None
    if level > 2:
        children = read_level(connection, extent, level - 1, number * FACTOR, number * FACTOR + FACTOR - 1)
        return merge(children)
    width = width_of(level, extent.stride or 1)
    last = min((number + 1) * width - 1, extent.reduced_to)
    return fold(read_points(connection, extent.key, number * width, last), width)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series to be read together with others, at a stored `level` (0: only its points)."""

    extent: Extent
    level: int = 0

    @property
    def after(self) -> int:
        """The last step that the level covers; the points after it are to be read."""
        reduced_to = self.extent.reduced_to
        return -1 if reduced_to is None or self.level == 0 else reduced_to


def over_series(connection: Connection, wanted: Iterable[Wanted], statement: str) -> Iterable[Row[Any]]:
    """Run `statement` over all of `wanted` at once, which are its table of that name.

    It has task_id, attempt and name, `level`, and `after`. Nothing is left out of stale buckets for their sake.
    """
    rows = [{**each.extent.key._asdict(), "level": each.level, "after": each.after} for each in wanted]
    query = text(_WANTED[connection.dialect.name] + statement)
    return connection.execute(query, {"wanted": orjson.dumps(rows).decode()})
