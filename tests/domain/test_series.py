import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.series import Bucket, Sample, fold, level_for, merge, merge_to, stride_of, width_of


def _sample(step: int, value: float | None) -> Sample:
    return step, value, step // 100, step * 1000, None if value is not None else "nan"


# Whole numbers, so that sums are exact in whatever order they are made.
VALUES = st.integers(-1000, 1000).map(float) | st.none()
SAMPLES = st.dictionaries(st.integers(0, 400), VALUES, max_size=60).map(
    lambda values: [_sample(step, values[step]) for step in sorted(values)]
)


def test_a_bucket_knows_its_extremes_and_its_ends():
    (bucket,) = fold([_sample(8, 2.0), _sample(9, 5.0), _sample(11, 1.0), _sample(15, 4.0)], 8)
    assert bucket == Bucket(
        bucket=1,
        count=4,
        nonfinite=0,
        min=1.0,
        max=5.0,
        sum=12.0,
        min_step=11,
        max_step=9,
        first_step=8,
        last_step=15,
        first_value=2.0,
        last_value=4.0,
        epoch=0,
        at_ms=15000,
    )


def test_what_is_not_finite_is_counted_apart_and_its_first_step_kept():
    (bucket,) = fold([_sample(0, None), (1, 3.0, None, 1, None), (2, None, None, 2, "inf")], 8)
    assert (bucket.count, bucket.nonfinite, bucket.min, bucket.max) == (1, 2, 3.0, 3.0)
    assert (bucket.nonfinite_step, bucket.flag, bucket.first_value, bucket.last_value) == (
        0,
        "nan",
        None,
        None,
    )


def test_a_bucket_may_hold_nothing_finite():
    (bucket,) = fold([_sample(3, None)], 8)
    assert (bucket.count, bucket.nonfinite, bucket.min, bucket.max_step, bucket.sum) == (
        0,
        1,
        None,
        None,
        0.0,
    )


def test_a_sum_that_no_float_can_hold_stays_finite():
    buckets = fold([_sample(step, 1.7e308) for step in range(16)], 8)
    assert all(math.isfinite(bucket.sum) for bucket in [*buckets, *merge(buckets)])


def test_parts_of_one_bucket_that_were_folded_apart_are_joined():
    samples = [_sample(step, float(step % 5)) for step in range(40)]
    assert merge(fold(samples[:21], 8) + fold(samples[21:], 8), 1) == fold(samples, 8)


@given(SAMPLES, st.integers(1, 50), st.integers(1, 20))
def test_folding_and_merging_is_folding_to_the_larger_width(samples: list[Sample], width: int, factor: int):
    assert merge(fold(samples, width), factor) == fold(samples, width * factor)


@given(SAMPLES, st.integers(1, 9), st.integers(1, 9))
def test_merging_twice_is_merging_once(samples: list[Sample], one: int, other: int):
    buckets = fold(samples, 3)
    assert merge(merge(buckets, one), other) == merge(buckets, one * other)


@given(SAMPLES, st.integers(1, 50))
def test_nothing_is_lost_but_detail(samples: list[Sample], width: int):
    buckets = fold(samples, width)
    finite = [value for _, value, *_ in samples if value is not None]
    assert sum(bucket.count + bucket.nonfinite for bucket in buckets) == len(samples)
    assert sum(bucket.sum for bucket in buckets) == sum(finite)
    assert max((b.max for b in buckets if b.max is not None), default=None) == max(finite, default=None)
    assert min((b.min for b in buckets if b.min is not None), default=None) == min(finite, default=None)


@given(SAMPLES, st.integers(1, 40))
def test_merging_to_a_number_keeps_to_it_without_more_loss_than_needed(samples: list[Sample], at_most: int):
    buckets = fold(samples, 1)
    merged = merge_to(buckets, at_most)
    assert len(merged) <= at_most
    assert len(buckets) > at_most or merged == buckets


@pytest.mark.parametrize(
    ("steps", "stride"),
    [
        ([], 1),
        ([7], 1),
        ([0, 1, 2, 3], 1),
        ([10, 20, 30, 40], 10),
        ([0, 1, 100, 200, 300, 400], 100),
        ([0, 10, 20, 900], 10),
    ],
)
def test_the_stride_is_the_usual_gap(steps: list[int], stride: int):
    assert stride_of(steps) == stride


@pytest.mark.parametrize(
    ("first", "last", "stride", "budget", "level"),
    [
        (0, 999, 1, 1000, 0),
        (0, 1000, 1, 1000, 1),
        (0, 99_990, 10, 1000, 2),
        (50_000, 50_999, 1, 1000, 0),
        (0, 10_000_000, 1, 1, 8),
        (0, 0, 1, 0, 0),
    ],
)
def test_the_level_is_the_finest_that_the_budget_allows(
    first: int, last: int, stride: int, budget: int, level: int
):
    assert level_for(first, last, stride, budget) == level
    width = width_of(level, stride)
    assert last // width - first // width + 1 <= max(1, budget)


def test_a_curve_of_random_length_reduces_the_same_live_as_at_once():
    samples = [_sample(step, random.Random(step).random()) for step in range(0, 3000, 3)]
    live: list[Bucket] = []
    for start in range(0, len(samples), 37):
        live = merge(live + fold(samples[start : start + 37], 24), 1)
    at_once = fold(samples, 24)
    assert [bucket._replace(sum=0) for bucket in live] == [bucket._replace(sum=0) for bucket in at_once]
    assert [bucket.sum for bucket in live] == pytest.approx([bucket.sum for bucket in at_once])
