from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.curve import Curve, draw, draw_raw
from trainwatch.domain.series import Sample, fold

SAMPLES = st.dictionaries(st.integers(0, 400), st.floats(-1e9, 1e9) | st.none(), max_size=60).map(
    lambda values: [
        (step, values[step], step // 100, step * 1000, "nan" if values[step] is None else None)
        for step in sorted(values)
    ]
)


def test_a_raw_curve_holds_every_point():
    curve = draw_raw([(1, 2.0, 1, 1000, None), (2, None, 1, 2000, "inf")])
    assert curve == Curve((1, 2), (2.0, None), (1, 1), (1000, 2000), {2: "inf"})


def test_a_curve_without_points_is_empty():
    assert draw_raw([]) == Curve()
    assert list(draw([]).steps) == []


def test_a_bucket_is_drawn_as_its_two_extremes_in_the_order_of_their_steps():
    values = [3.0, 9.0, 1.0, 4.0, 5.0, 0.0, 8.0, 5.0, 7.0, 7.0, 7.0, 7.0]
    curve = draw(fold([(step, value, None, step, None) for step, value in enumerate(values)], 4))
    assert list(curve.steps) == [0, 1, 2, 5, 6, 8, 11]
    assert list(curve.values) == [3.0, 9.0, 1.0, 0.0, 8.0, 7.0, 7.0]


def test_times_between_two_ends_are_interpolated():
    curve = draw(fold([(step, float(-step), None, 500 + step * 10, None) for step in range(12)], 4))
    assert list(zip(curve.steps, curve.times, strict=True))[2:] == [(4, 540), (7, 570), (8, 580), (11, 610)]


def test_a_gap_at_the_very_end_keeps_its_flag():
    curve = draw(fold([(0, None, None, 0, "inf"), (1, 1.0, None, 1, None), (2, None, None, 2, "inf")], 8))
    assert (list(curve.values), curve.flags) == ([None, 1.0, None], {0: "inf", 2: "inf"})


@given(SAMPLES, st.integers(1, 50))
def test_every_value_drawn_is_true_at_its_step(samples: list[Sample], width: int):
    known = {step: value for step, value, *_ in samples}
    curve = draw(fold(samples, width))
    assert all(known[step] == value for step, value in zip(curve.steps, curve.values, strict=True))
    assert all(before < after for before, after in pairwise(curve.steps))


@given(SAMPLES, st.integers(1, 50))
def test_extremes_and_ends_survive_and_gaps_show(samples: list[Sample], width: int):
    buckets = fold(samples, width)
    curve = draw(buckets)
    drawn = [value for value in curve.values if value is not None]
    finite = [value for _, value, *_ in samples if value is not None]
    assert (max(drawn, default=0), min(drawn, default=0)) == (max(finite, default=0), min(finite, default=0))
    assert not samples or (curve.steps[0], curve.steps[-1]) == (samples[0][0], samples[-1][0])
    gaps = sum(bucket.nonfinite > 0 for bucket in buckets)
    assert len(curve.steps) <= 2 * len(buckets) + gaps + 2
    assert len(curve.flags) == curve.values.count(None) >= gaps


@given(SAMPLES, st.integers(1, 50))
def test_the_lists_of_a_curve_are_parallel(samples: list[Sample], width: int):
    for curve in (draw_raw(samples), draw(fold(samples, width))):
        assert len(curve.steps) == len(curve.values) == len(curve.epochs) == len(curve.times)
        assert set(curve.flags) == {
            step for step, value in zip(curve.steps, curve.values, strict=True) if value is None
        }
