"""A simulated run is the same whoever looks, how often, and after whatever happened."""

import statistics
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.factories import make_task
from trainwatch.domain.apply import apply
from trainwatch.domain.job import SimulatedOptions
from trainwatch.domain.job_payload import parse_job
from trainwatch.domain.simulated_run import LONGEST_GAP_S, Ending, SimulatedRun, seed_of, simulated_run
from trainwatch.domain.status import Status

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOOKS = st.lists(st.floats(0, LONGEST_GAP_S), max_size=60)


def make_run(**facts: Any) -> SimulatedRun:
    return SimulatedRun(**{"total_steps": 1000, "steps_per_epoch": 100, "seed": 1, **facts})


def looked(run: SimulatedRun, waits: list[float], *, done: int = 0) -> list[int]:
    """Return the steps that come if somebody looks after each of `waits`."""
    now_s = 100.0
    beat = run.begin(now_s, done=done)
    came: list[int] = []
    for wait_s in waits:
        now_s += wait_s
        steps, beat = run.points_due(beat, now_s)
        came += steps
    return came


def test_a_point_comes_at_least_every_one_and_a_half_seconds_at_the_usual_speed():
    assert len(looked(make_run(), [1.5] * 10)) >= 10
    assert make_run().seconds_to_next(make_run().begin(0)) <= 1.5


@given(LOOKS, st.floats(0.01, 100), st.integers(0, 40))
def test_each_step_comes_once_and_in_its_turn_however_often_somebody_looks(waits, speed, done):
    run = make_run(total_steps=40, speed=speed)
    came = looked(run, waits, done=done)
    assert came == list(range(done + 1, done + len(came) + 1))
    assert len(came) == pytest.approx(min(sum(waits) * speed, 40 - done), abs=1)


@given(LOOKS, st.integers(0, 60))
def test_a_restart_changes_nothing_of_what_comes(waits, cut):
    run = make_run(speed=10, total_steps=40)
    before = looked(run, waits[:cut])
    after = looked(run, waits[cut:], done=len(before))
    assert before + after == list(range(1, len(before + after) + 1))
    shown = [point for step in before + after for point in run.metrics(range(step, step + 1))]
    assert shown == run.metrics(range(1, len(before + after) + 1))


@given(st.floats(0, 1e9), st.floats(0.01, 100))
def test_there_is_no_burst_after_a_gap(gap_s, speed):
    came = looked(make_run(total_steps=10**9, speed=speed), [gap_s])
    assert len(came) <= LONGEST_GAP_S * speed + 2


def test_a_clock_that_goes_back_brings_nothing_and_loses_nothing():
    run = make_run(speed=1)
    assert looked(run, [1.0, -50.0, 1.0, 1.0]) == [1, 2, 3]


def test_who_waits_as_long_as_he_is_told_finds_a_step():
    run = make_run(speed=0.07)
    beat = run.begin(0)
    for step in range(1, 50):
        steps, beat = run.points_due(beat, beat.at_s + run.seconds_to_next(beat) + 1e-6)
        assert list(steps) == [step]


def test_a_run_that_ended_has_no_more_to_tell():
    run = make_run(fail_at=5, speed=100)
    assert looked(run, [1.0] * 5) == [1, 2, 3, 4, 5]
    assert looked(run, [1.0], done=5) == []


@pytest.mark.parametrize(
    ("fail_at", "done", "ending"),
    [
        (None, 999, None),
        (None, 1000, Ending(Status.COMPLETE, "finished all 1000 steps")),
        (30, 29, None),
        (30, 30, Ending(Status.FAILED, "simulated failure at step 30")),
        (1000, 1000, Ending(Status.FAILED, "simulated failure at step 1000")),
        (1001, 1000, Ending(Status.COMPLETE, "finished all 1000 steps")),
    ],
)
def test_a_run_ends_with_its_last_step_or_where_it_is_to_fail(fail_at, done, ending):
    assert make_run(fail_at=fail_at).ending(done) == ending


def test_when_it_ends_is_known():
    assert make_run(speed=2).ends_at(NOW, done=400) == NOW + timedelta(seconds=300)
    assert make_run(speed=2, fail_at=500).ends_at(NOW, done=400) == NOW + timedelta(seconds=50)
    assert make_run().ends_at(NOW, done=1000) == NOW


@pytest.mark.parametrize("total", [20, 1000, 100_000])
def test_the_curve_falls_over_the_whole_run(total):
    run = make_run(total_steps=total)
    stretches = [
        statistics.fmean(point["loss"] for point in run.metrics(range(start, start + max(total // 40, 2))))
        for start in range(1, total, total // 5)
    ]
    assert stretches == sorted(stretches, reverse=True)
    assert run.metrics(range(1, 2))[0]["loss"] > 1.7
    assert run.metrics(range(total, total + 1))[0]["loss"] == pytest.approx(0.32, abs=0.1)
    assert run.metrics(range(total, total + 1))[0]["accuracy"] > 0.75


def test_what_a_run_reports_moves_its_task():
    run = make_run()
    task = apply(make_task(), run.report(range(398, 401), attempt=1), now=NOW).task
    assert (task.current_step, task.total_steps, task.progress) == (400, 1000, 0.4)
    assert (task.current_epoch, task.total_epochs) == (5, 10)
    assert task.training_status is Status.RUNNING
    assert task.latest.keys() == {"loss", "accuracy"}


def test_the_last_report_leaves_the_end_to_who_runs_it_and_the_epoch_in_range():
    report = make_run().report(range(1000, 1001), attempt=1)
    assert (report.status, report.current_epoch, report.total_epochs) == (Status.RUNNING, 10, 10)


def test_a_run_is_described_by_its_job():
    payload = {
        "name": "a",
        "model": "b",
        "epochs": 3,
        "stepsPerEpoch": 7,
        "speed": 9,
        "failAt": 20,
        "seed": 5,
    }
    assert simulated_run(parse_job(payload), task_id=1, attempt=2) == SimulatedRun(
        total_steps=21, steps_per_epoch=7, seed=5, speed=9, fail_at=20
    )


def test_attempts_have_curves_of_their_own_unless_the_job_names_a_seed():
    job = parse_job({"name": "a", "model": "b", "epochs": 3})
    seeds = {simulated_run(job, task_id=task, attempt=attempt).seed for task in (1, 2) for attempt in (1, 2)}
    assert len(seeds) == 4
    assert job.simulated == SimulatedOptions()
    assert seed_of(7, 1) == 726049220557434
