"""Curves: every point, and the reductions that pages are drawn from."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from trainwatch.store.columns import UtcDateTime
from trainwatch.store.tables.base import LARGEST, Record, table_of

_FINITE = f"BETWEEN -{LARGEST} AND {LARGEST}"  # false for infinities, and for PostgreSQL's NaN


class SeriesRecord(Record, table=True):
    """One metric of one attempt, and how far it is reduced.

    `reduced_to` is the last step that `metric_buckets` cover, `stride` a power of 8 near the steps between
    two of its points (any number of them in older series); both None while it is short. `stale` is a list of the
    chunks, in JSON, whose buckets lack points that came late; None if all are as they should be.
    """

    __tablename__ = "metric_series"
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    stride: int | None = Field(default=None, sa_type=BigInteger)
    reduced_to: int | None = Field(default=None, sa_type=BigInteger)
    stale: str | None = Field(default=None, sa_type=Text)


class PointRecord(Record, table=True):
    """One value of one series: a finite `value`, or a `flag` ("nan", "inf", "-inf")."""

    __tablename__ = "metric_points"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (flag IS NULL)", name="value_or_flag"),
        CheckConstraint(f"value {_FINITE}", name="finite"),
        Index("ix_metric_points_flagged", "task_id", "attempt", "name", "step",
              sqlite_where=text("flag IS NOT NULL"), postgresql_where=text("flag IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )  # fmt: skip
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_type=BigInteger)
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    value: float | None = None
    flag: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class BucketRecord(Record, table=True):
    """A `domain.series.Bucket`, field by field and in its order; level 1 is the finest that is kept."""

    __tablename__ = "metric_buckets"
    __table_args__ = ({"sqlite_with_rowid": False},)
    task_id: int = Field(primary_key=True, foreign_key="tasks.id", ondelete="CASCADE")
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    level: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True, sa_type=BigInteger)
    count: int
    nonfinite: int
    min: float | None = None
    max: float | None = None
    sum: float
    min_step: int | None = Field(default=None, sa_type=BigInteger)
    max_step: int | None = Field(default=None, sa_type=BigInteger)
    first_step: int = Field(sa_type=BigInteger)
    last_step: int = Field(sa_type=BigInteger)
    first_value: float | None = None
    last_value: float | None = None
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
    nonfinite_step: int | None = Field(default=None, sa_type=BigInteger)
    flag: str | None = None


METRIC_SERIES = table_of(SeriesRecord)
METRIC_POINTS = table_of(PointRecord)
METRIC_BUCKETS = table_of(BucketRecord)

TRAINING_METRICS_VIEW = """\
CREATE VIEW training_metrics AS
SELECT task_id AS job_id, attempt, max(epoch) AS epoch, step,
  max(CASE WHEN name = 'loss' THEN value END) AS loss,
  max(CASE WHEN name = 'accuracy' THEN value END) AS accuracy,
  max(CASE WHEN name = 'learning_rate' THEN value END) AS learning_rate,
  max(created_at) AS created_at
FROM metric_points
WHERE name IN ('loss', 'accuracy', 'learning_rate')
GROUP BY task_id, attempt, step
"""
