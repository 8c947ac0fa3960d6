"""How far series are reduced, and so where to read how much of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select, text

from trainwatch.domain.series import Bucket, fold, level_for, merge, width_of
from trainwatch.store.buckets import SeriesKey, of_series, read_buckets, read_points
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
    """How far a series is reduced; `stride` and `reduced_to` are None until it is."""

    key: SeriesKey
    stride: int | None
    reduced_to: int | None

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
    def outline_level(self) -> int:
        """The highest level with a shape: of 8 to 64 buckets, or 1; 0 if none is stored."""
        return max(min(1, self.top_level), self.top_level - 1)

    @property
    def outline_width(self) -> int:
        """How many steps a bucket of the outline covers; 1 if none is stored."""
        return width_of(self.outline_level, self.stride) if self.stride is not None else 1

    def level_for(self, first: int, last: int, points: int) -> int:
        """Return the finest stored level with at most twice as many buckets as `points`.

        A level has an eighth of the buckets of the one below: to read no more than are drawn would
        often show an eighth of what fits.
        """
        if self.stride is None:
            return 0
        return min(level_for(first, last, self.stride, 2 * points), self.top_level)


def find_extent(connection: Connection, key: SeriesKey) -> Extent | None:
    """Return how far a series is reduced; None if there is no such series."""
    columns = METRIC_SERIES.c
    query = select(columns.stride, columns.reduced_to).where(*of_series(METRIC_SERIES, key))
    row = connection.execute(query).first()
    return None if row is None else Extent(key, row.stride, row.reduced_to)


def ends_of(connection: Connection, key: SeriesKey) -> tuple[int, int] | None:
    """Return the first and the last step of a series; None if it has no points."""
    step = METRIC_POINTS.c.step
    # One at a time: SQLite looks up a min or a max alone, but scans for both.
    first = connection.scalar(select(func.min(step)).where(*of_series(METRIC_POINTS, key)))
    last = connection.scalar(select(func.max(step)).where(*of_series(METRIC_POINTS, key)))
    return None if first is None or last is None else (first, last)


def buckets_between(
    connection: Connection, extent: Extent, level: int, first: int, last: int
) -> list[Bucket]:
    """Return the buckets of a stored `level` that hold the steps `first` to `last`, up to the newest point."""
    assert extent.stride is not None
    assert extent.reduced_to is not None
    width = width_of(level, extent.stride)
    numbers = first // width, min(last, extent.reduced_to) // width
    stored = read_buckets(connection, extent.key, level, *numbers)
    rest = read_points(connection, extent.key, max(first, extent.reduced_to + 1), last)
    return merge([*stored, *fold(rest, width)], 1)


def over_series(connection: Connection, extents: Iterable[Extent], statement: str) -> Iterable[Row[Any]]:
    """Run `statement` over all of `extents` at once, whose table `wanted` they are.

    It has task_id, attempt and name, the `level` of the outline, and `after`, the last step that it covers.
    """
    wanted = [
        {
            **extent.key._asdict(),
            "level": extent.outline_level,
            "after": -1 if extent.reduced_to is None else extent.reduced_to,
        }
        for extent in extents
    ]
    query = text(_WANTED[connection.dialect.name] + statement)
    return connection.execute(query, {"wanted": orjson.dumps(wanted).decode()})
