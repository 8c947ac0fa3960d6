"""A series as it is drawn: parallel lists, from its points or from its buckets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trainwatch.domain.series import Bucket, Sample


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in the order of their steps; a value of None is a gap, whose flag is in `flags` by its step.

    `times` are milliseconds since 1970.
    """

    steps: Sequence[int] = ()
    values: Sequence[float | None] = ()
    epochs: Sequence[int | None] = ()
    times: Sequence[int] = ()
    flags: Mapping[int, str] = field(default_factory=dict[int, str])


def draw_raw(points: Iterable[Sample]) -> Curve:
    """Return the curve through all of `points`."""
    columns = list(zip(*points, strict=True))
    if not columns:
        return Curve()
    steps, values, epochs, times, flags = columns
    return Curve(
        steps, values, epochs, times, {step: flag for step, flag in zip(steps, flags, strict=True) if flag}
    )


def draw(buckets: Sequence[Bucket]) -> Curve:
    """Return the curve through the least and the greatest value of each bucket, at their own steps.

    So every value drawn is true, no extreme is lost, and there are at most two points a bucket;
    besides, a gap where a bucket holds something that is not finite, and the very first and last
    point. The epoch is that of the bucket's end; the time is interpolated.
    """
    steps: list[int] = []
    values: list[float | None] = []
    epochs: list[int | None] = []
    times: list[int] = []
    flags: dict[int, str] = {}
    before: Bucket | None = None
    for bucket in buckets:
        pace = 0.0 if before is None else _pace(before, bucket)
        for step, value in _drawn(bucket, is_first=before is None, is_last=bucket is buckets[-1]):
            steps.append(step)
            values.append(value)
            epochs.append(bucket.epoch)
            times.append(bucket.at_ms - round((bucket.last_step - step) * pace))
            if value is None:
                flags[step] = bucket.flag or "nan"
        before = bucket
    return Curve(steps, values, epochs, times, flags)


def _drawn(bucket: Bucket, *, is_first: bool, is_last: bool) -> list[tuple[int, float | None]]:
    """Return the points of `bucket` that are drawn, in the order of their steps."""
    low, high, gap = bucket.min_step, bucket.max_step, bucket.nonfinite_step
    if gap is None and not is_first and not is_last and low is not None and high is not None:
        if low < high:
            return [(low, bucket.min), (high, bucket.max)]
        return [(high, bucket.max), (low, bucket.min)] if high < low else [(low, bucket.min)]
    points: dict[int, float | None] = {}
    if is_first:
        points[bucket.first_step] = bucket.first_value
    if is_last:
        points[bucket.last_step] = bucket.last_value
    inner = ((low, bucket.min), (high, bucket.max), (gap, None))
    points.update((step, value) for step, value in inner if step is not None)
    return sorted(points.items())


def _pace(before: Bucket, bucket: Bucket) -> float:
    """Return the milliseconds a step took between the ends of two buckets."""
    steps = bucket.last_step - before.last_step
    return (bucket.at_ms - before.at_ms) / steps if steps > 0 else 0.0
