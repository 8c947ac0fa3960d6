"""Reduction of a series to buckets, so that any number of points fits on a screen with no extreme lost.

Level 0 of a series is its points. A bucket of level L covers `stride * 8**L` steps, where the stride is a power
of 8 near the series' usual gap between two steps; a bucket's number is a step of it divided by that width. So
all widths are powers of 8, and what is drawn does not depend on how far a series is reduced, or since when.
"""

import math
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

FACTOR = 8
"""How many buckets of one level make one of the next."""

_GAPS_LOOKED_AT = 64

Sample = tuple[int, float | None, int | None, int, str | None]
"""A point as stored: step, value, epoch, milliseconds since 1970, flag; value or flag is None."""


class Bucket(NamedTuple):
    """Neighbouring points, reduced.

    `count` finite values have the sum, the minimum and the maximum (None if there are none), each at
    the first step that has it. `nonfinite` points have no value; the first of them is at
    `nonfinite_step` and has `flag`. `epoch` and `at_ms` are those of the last point.
    A tuple, because thousands are made for a screen: a frozen dataclass takes eight times as long.
    """

    bucket: int
    count: int  # pyright: ignore[reportIncompatibleMethodOverride]  # nobody counts in a bucket
    nonfinite: int
    min: float | None
    max: float | None
    sum: float
    min_step: int | None
    max_step: int | None
    first_step: int
    last_step: int
    first_value: float | None
    last_value: float | None
    epoch: int | None
    at_ms: int
    nonfinite_step: int | None = None
    flag: str | None = None


def stride_of(steps: Sequence[int]) -> int:
    """Return the usual gap between `steps`, which rise: the median of the first ones, at least 1."""
    head = steps[: _GAPS_LOOKED_AT + 1]
    gaps = sorted(after - before for before, after in pairwise(head))
    return max(1, gaps[(len(gaps) - 1) // 2]) if gaps else 1


def power_near(gap: int) -> int:
    """Return the power of 8 that is nearest to `gap`, by its factor."""
    power = 1
    while gap * gap > power * power * FACTOR:
        power *= FACTOR
    return power


def width_of(level: int, stride: int) -> int:
    """Return how many steps a bucket of `level` covers."""
    return stride * FACTOR**level


def level_for(first_step: int, last_step: int, stride: int, budget: int) -> int:
    """Return the finest level at which the steps from `first_step` to `last_step` need at most `budget` buckets."""
    level, width = 0, stride
    while last_step // width - first_step // width + 1 > max(1, budget) and width <= last_step:
        level, width = level + 1, width * FACTOR
    return level


def fold(points: Iterable[Sample], width: int) -> list[Bucket]:
    """Return `points`, which come in the order of their steps, as buckets of `width` steps."""
    return [
        _reduced(number, list(group)) for number, group in groupby(points, lambda point: point[0] // width)
    ]


def merge(buckets: Iterable[Bucket], factor: int = FACTOR) -> list[Bucket]:
    """Return `buckets`, which come in order, with each `factor` neighbouring numbers made one bucket.

    Folding and then merging is the same as folding to the larger width. A factor of 1 joins the
    parts of one bucket that were reduced apart.
    """
    return [
        _joined(number, list(group)) for number, group in groupby(buckets, lambda each: each.bucket // factor)
    ]


def merge_to(buckets: Sequence[Bucket], at_most: int) -> list[Bucket]:
    """Return `buckets` merged by the least power of two that leaves `at_most` of them.

    What is already drawn stays as it is while buckets are added, until the power rises.
    """
    factor = 1
    while len({each.bucket // factor for each in buckets}) > max(1, at_most):
        factor *= 2
    return merge(buckets, factor)


def _reduced(number: int, points: list[Sample]) -> Bucket:
    steps, values, epochs, times, _ = zip(*points, strict=True)
    ends = (steps[0], steps[-1], values[0], values[-1], epochs[-1], times[-1])
    if None in values:
        return _reduced_with_gaps(number, points, ends)
    low, high = min(values), max(values)
    return Bucket(
        number,
        len(values),
        0,
        low,
        high,
        _finite(sum(values)),
        steps[values.index(low)],
        steps[values.index(high)],
        *ends,
    )


def _reduced_with_gaps(
    number: int, points: list[Sample], ends: tuple[int, int, float | None, float | None, int | None, int]
) -> Bucket:
    gap = next(point for point in points if point[1] is None)
    finite = [(value, step) for step, value, *_ in points if value is not None]
    missing = len(points) - len(finite)
    if not finite:
        return Bucket(number, 0, missing, None, None, 0.0, None, None, *ends, gap[0], gap[4])
    low, low_step = min(finite)
    high, high_step = max(finite, key=lambda pair: pair[0])
    total = _finite(sum(value for value, _ in finite))
    return Bucket(number, len(finite), missing, low, high, total, low_step, high_step, *ends, gap[0], gap[4])


def _joined(number: int, parts: list[Bucket]) -> Bucket:
    first, last = parts[0], parts[-1]
    if first is last:
        return first if first.bucket == number else Bucket(number, *first[1:])
    _, count, nonfinite, low, high, total, low_step, high_step, *_ = first
    for part in parts[1:]:
        count += part.count
        nonfinite += part.nonfinite
        total += part.sum
        if part.min is not None and (low is None or part.min < low):
            low, low_step = part.min, part.min_step
        if part.max is not None and (high is None or part.max > high):
            high, high_step = part.max, part.max_step
    gap = next((part for part in parts if part.nonfinite), first) if nonfinite else first
    return Bucket(
        number,
        count,
        nonfinite,
        low,
        high,
        _finite(total),
        low_step,
        high_step,
        first.first_step,
        last.last_step,
        first.first_value,
        last.last_value,
        last.epoch,
        last.at_ms,
        gap.nonfinite_step,
        gap.flag,
    )


def _finite(total: float) -> float:
    """Return `total`, or the largest float of its sign where it is too large for one."""
    return total if math.isfinite(total) else math.copysign(sys.float_info.max, total)
