from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.factories import NOW, at, make_task
from trainwatch.domain.liveness import Liveness, Rhythm, liveness, lost_after, silent_after
from trainwatch.domain.status import Status


def _rhythm(*intervals: float) -> Rhythm:
    rhythm = Rhythm()
    for interval in intervals:
        rhythm = rhythm.heard(interval)
    return rhythm


def _after(seconds: float, rhythm: Rhythm, status: Status = Status.RUNNING) -> Liveness:
    return liveness(make_task(rhythm=rhythm, training_status=status), now=at(seconds))


def test_the_expected_interval_is_unbiased_from_the_first_on():
    assert Rhythm().expected_seconds is None
    assert _rhythm(30).expected_seconds == 30
    assert _rhythm(*[30] * 9).expected_seconds == pytest.approx(30)


def test_a_task_of_unknown_rhythm_is_silent_after_two_minutes():
    assert (_after(120, Rhythm()), _after(121, Rhythm())) == (Liveness.LIVE, Liveness.SILENT)


def test_a_task_that_reports_each_second_is_silent_after_twenty_and_lost_after_ten_minutes():
    rhythm = _rhythm(*[1] * 50)
    seen = [_after(seconds, rhythm) for seconds in (20, 21, 600, 601)]
    assert seen == [Liveness.LIVE, Liveness.SILENT, Liveness.SILENT, Liveness.LOST]


def test_a_slow_reporter_is_given_five_and_twenty_of_its_intervals():
    rhythm = _rhythm(*[60] * 50)
    seen = [_after(seconds, rhythm) for seconds in (299, 301, 1199, 1201)]
    assert seen == [Liveness.LIVE, Liveness.SILENT, Liveness.SILENT, Liveness.LOST]


def test_a_task_that_pauses_between_bursts_is_not_called_silent():
    rhythm = _rhythm(*([1] * 600 + [180]) * 3, *[1] * 600)
    assert _after(181, rhythm) is Liveness.LIVE


def test_one_long_sleep_is_forgotten():
    rhythm = _rhythm(1, 1, 8 * 3600, *[1] * 100)
    assert rhythm.silent_seconds < 2700
    assert _rhythm(*rhythm, *[60] * 2000).silent_seconds == pytest.approx(300)


def test_reports_of_one_instant_count_once():
    assert _rhythm(5, 0, 0, -1) == _rhythm(5)


def test_only_a_running_task_has_a_liveness():
    others = [status for status in Status if status is not Status.RUNNING]
    assert {_after(9999, Rhythm(), status) for status in others} == {Liveness.NONE}


def test_the_stored_deadlines_are_those_of_the_liveness():
    rhythm = _rhythm(30, 60, 10)
    for deadline, sooner, later in (
        (silent_after(NOW, rhythm), Liveness.LIVE, Liveness.SILENT),
        (lost_after(NOW, rhythm), Liveness.SILENT, Liveness.LOST),
    ):
        task = make_task(rhythm=rhythm)
        assert liveness(task, now=deadline) is sooner
        assert liveness(task, now=deadline + timedelta(milliseconds=1)) is later


def test_a_rhythm_survives_as_text():
    rhythm = _rhythm(30, 0.01, 7)
    assert Rhythm.from_json(rhythm.to_json()) == pytest.approx(rhythm, abs=1e-3)
    assert Rhythm.from_json(Rhythm().to_json()) == Rhythm.from_json(None) == Rhythm()


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_a_task_is_always_silent_before_it_is_lost(intervals: list[float]):
    rhythm = _rhythm(*intervals)
    assert 20 <= rhythm.silent_seconds < rhythm.lost_seconds
    assert rhythm.lost_seconds >= 600
