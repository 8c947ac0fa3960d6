import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.pace import Pace


def _even(count: int, *, each_s: float = 2.0, way: float = 0.01) -> Pace:
    """Return the pace after `count` moves from 0, `each_s` apart."""
    pace = Pace()
    for number in range(count + 1):
        pace = pace.observe(number * way, 1000 + number * each_s)
    return pace


def test_the_eta_of_an_even_run_is_exact():
    assert _even(50).eta_seconds(0.5) == pytest.approx(100)


def test_there_is_no_eta_before_the_progress_has_moved():
    assert Pace().eta_seconds(0.0) is None
    assert Pace().observe(0.3, 5).eta_seconds(0.3) is None
    assert Pace().observe(0.3, 5).observe(0.3, 9).eta_seconds(0.3) is None


def test_a_first_interval_that_is_mostly_warm_up_gives_no_eta():
    assert Pace().observe(0.0, 0).observe(0.001, 60).eta_seconds(0.001) is None


def test_a_first_interval_with_a_long_way_gives_a_first_eta():
    assert Pace().observe(0.0, 0).observe(0.25, 60).eta_seconds(0.25) == pytest.approx(180)


def test_the_warm_up_counts_no_more_once_there_is_a_second_interval():
    pace = Pace().observe(0.0, 0).observe(0.1, 60).observe(0.2, 61)
    assert pace.eta_seconds(0.2) == pytest.approx(8)


def test_a_long_gap_is_ignored():
    pace = _even(20)
    assert pace.observe(0.21, pace.heard_s + 3600).eta_seconds(0.21) == pytest.approx(158)


def test_a_second_long_gap_is_the_new_speed():
    pace = _even(20)
    pace = pace.observe(0.21, pace.heard_s + 3600)
    slower = pace.observe(0.22, pace.heard_s + 3600).eta_seconds(0.22)
    assert slower is not None
    assert slower > 3600


def test_the_eta_runs_down_between_two_moves_and_grows_in_a_stall():
    pace = _even(20, each_s=10)
    between = pace.observe(0.2, pace.heard_s + 4)
    stalled = between
    for second in range(5, 120, 5):
        stalled = stalled.observe(0.2, pace.heard_s + second)
    assert between.eta_seconds(0.2) == pytest.approx(796)
    assert (stalled.eta_seconds(0.2) or 0) > 1200


def test_the_eta_follows_a_change_of_speed():
    pace = _even(20)
    for number in range(40):
        pace = pace.observe(0.2 + number * 0.01, 1100 + number * 20)
    assert pace.eta_seconds(0.6) == pytest.approx(800, rel=0.1)


def test_a_rest_counts_for_nothing():
    pace = _even(20)
    rested = pace.rested(pace.heard_s + 50).observe(0.21, pace.heard_s + 52)
    assert rested.eta_seconds(0.21) == pytest.approx(158)
    assert Pace().rested(50) == Pace()


def test_what_is_done_takes_no_more_time():
    assert Pace().eta_seconds(1.0) == 0


def test_a_pace_survives_as_text():
    pace = _even(7).observe(0.07, 1016)
    assert list(Pace.from_json(pace.to_json())) == pytest.approx(list(pace), abs=1e-3)
    assert Pace.from_json(Pace().to_json()) == Pace.from_json(None) == Pace()


OBSERVATIONS = st.lists(st.tuples(st.floats(0, 1), st.floats(-1e6, 2e9)), min_size=1, max_size=20)


@given(OBSERVATIONS, st.floats(0, 1))
def test_an_eta_is_never_negative_nor_infinite(observations: list[tuple[float, float]], fraction: float):
    pace = Pace()
    for observation in observations:
        pace = pace.observe(*observation)
    eta = pace.eta_seconds(fraction)
    assert eta is None or 0 <= eta < math.inf
    assert list(Pace.from_json(pace.to_json())) == pytest.approx(list(pace), abs=1e-3)
