"""Points and buckets as they are read: what the writer reduces and what a reader draws."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from trainwatch.domain.series import Bucket, Sample
from trainwatch.store.columns import ms_from_driver
from trainwatch.store.tables import METRIC_BUCKETS, METRIC_POINTS

_SAMPLE = (
    METRIC_POINTS.c.step,
    METRIC_POINTS.c.value,
    METRIC_POINTS.c.epoch,
    METRIC_POINTS.c.created_at,
    METRIC_POINTS.c.flag,
)
_FACTS: list[ColumnElement[Any]] = [METRIC_BUCKETS.c[name] for name in Bucket._fields]


class SeriesKey(NamedTuple):
    """Which series: one metric of one attempt of one task."""

    task_id: int
    attempt: int
    name: str


def of_series(table: Table, key: SeriesKey) -> list[ColumnElement[bool]]:
    """Return the conditions under which a row of `table` belongs to the series."""
    return _where(table, key._asdict())


def _where(table: Table, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in wanted.items()]


# Made once: to put such a query together takes longer than to run it.
_ANY_SERIES: dict[str, Any] = {name: bindparam(name) for name in SeriesKey._fields}
_POINTS = (
    select(*_SAMPLE)
    .where(
        *_where(METRIC_POINTS, _ANY_SERIES),
        METRIC_POINTS.c.step.between(bindparam("first"), bindparam("last")),
    )
    .order_by(METRIC_POINTS.c.step)
)
_BUCKETS = (
    select(*_FACTS)
    .where(
        *_where(METRIC_BUCKETS, _ANY_SERIES),
        METRIC_BUCKETS.c.level == bindparam("wanted_level"),
        METRIC_BUCKETS.c.bucket.between(bindparam("first"), bindparam("last")),
    )
    .order_by(METRIC_BUCKETS.c.bucket)
)


def stale_chunks(stale: str | None) -> tuple[int, ...]:
    """Return the numbers of the chunks that `metric_series.stale` names."""
    return () if stale is None else tuple(orjson.loads(stale))


def read_points(
    connection: Connection, key: SeriesKey, first: int, last: int, *, at_most: int | None = None
) -> list[Sample]:
    """Return the points from step `first` to `last` in order, the first `at_most` of them."""
    query = _POINTS if at_most is None else _POINTS.limit(at_most)
    result = connection.execute(query, {**key._asdict(), "first": first, "last": last})
    rows: Sequence[Any] = (
        result.cursor.fetchall() if result.cursor else []
    )  # a third of the time that Row objects take
    to_ms = ms_from_driver(connection.dialect.name)
    return [(step, value, epoch, to_ms(at), flag) for step, value, epoch, at, flag in rows]


def read_buckets(connection: Connection, key: SeriesKey, level: int, first: int, last: int) -> list[Bucket]:
    """Return the buckets of `level` from number `first` to `last`, in order."""
    wanted = {**key._asdict(), "wanted_level": level, "first": first, "last": last}
    return [Bucket._make(row) for row in connection.execute(_BUCKETS, wanted)]
