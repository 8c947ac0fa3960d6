import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.simulate import LEAST_LOSS, TrainingSimulator, epoch_of

SEEDS = st.integers()
STEPS = st.integers(0, 10**9)
MOST_NOISE = 8.6


def without_noise(step: int) -> float:
    return 0.3 + 2.2 * math.exp(-0.15 * step)


def noises(*, step: int, total_steps: int) -> list[float]:
    """Return what ten thousand seeds add to the loss of one step, early enough for no clamp."""
    losses = [TrainingSimulator(seed=seed).generate_loss_point(step, total_steps) for seed in range(10_000)]
    return [loss - without_noise(step) for loss in losses]


def test_the_defaults_are_those_that_are_promised():
    assert TrainingSimulator() == TrainingSimulator(initial_loss=2.5, final_loss=0.3, decay_rate=0.15, seed=0)


@pytest.mark.parametrize(("step", "scale"), [(0, 0.1), (5, 0.06), (10, 0.02)])
def test_the_loss_is_an_exponential_with_gaussian_noise_that_calms_down(step, scale):
    noise = noises(step=step, total_steps=10)
    assert statistics.fmean(noise) == pytest.approx(0, abs=0.04 * scale)
    assert statistics.pstdev(noise) == pytest.approx(scale, rel=0.03)
    shares = [sum(abs(each) < sigmas * scale for each in noise) / len(noise) for sigmas in (1, 2, 3)]
    assert shares == pytest.approx([0.6827, 0.9545, 0.9973], abs=0.015)


def test_the_noises_of_neighbouring_steps_have_nothing_to_do_with_each_other():
    flat = TrainingSimulator(initial_loss=1, final_loss=1, seed=3)
    noise = [flat.generate_loss_point(step, 10**9) - 1 for step in range(10_000)]
    assert statistics.correlation(noise[1:], noise[:-1]) == pytest.approx(0, abs=0.03)


def test_the_accuracy_is_what_the_loss_leaves_with_noise():
    noise = [TrainingSimulator(seed=seed).generate_accuracy(1.25) - 0.5 for seed in range(10_000)]
    assert statistics.fmean(noise) == pytest.approx(0, abs=0.001)
    assert statistics.pstdev(noise) == pytest.approx(0.02, rel=0.03)


def test_a_run_is_the_same_on_every_machine_and_in_every_version():
    points = TrainingSimulator(seed=42).generate_metrics_batch(1, 3, 1000, 100)
    told = [(round(point["loss"], 6), round(point["accuracy"], 6)) for point in points]
    assert told == [(2.075578, 0.143531), (2.003403, 0.219902), (1.760286, 0.292928)]


@given(SEEDS, STEPS, st.integers(1, 10**9))
def test_a_loss_repeats_and_stays_within_bounds(seed, step, total_steps):
    loss = TrainingSimulator(seed=seed).generate_loss_point(step, total_steps)
    assert loss == TrainingSimulator(seed=seed).generate_loss_point(step, total_steps)
    assert LEAST_LOSS <= loss <= 2.5 + 0.1 * MOST_NOISE


@given(SEEDS, st.floats(allow_nan=False, allow_infinity=False))
def test_an_accuracy_repeats_and_is_a_fraction(seed, loss):
    accuracy = TrainingSimulator(seed=seed).generate_accuracy(loss)
    assert accuracy == TrainingSimulator(seed=seed).generate_accuracy(loss)
    assert 0 <= accuracy <= 1


@given(SEEDS, st.integers(1, 40), st.integers(1, 40), st.integers(1, 10))
def test_a_run_in_pieces_is_the_run_in_one_piece(seed, total_steps, cut, steps_per_epoch):
    simulator = TrainingSimulator(seed=seed)
    whole = simulator.generate_metrics_batch(1, total_steps, total_steps, steps_per_epoch)
    rest = simulator.generate_metrics_batch(cut + 1, total_steps, total_steps, steps_per_epoch)
    begun = simulator.generate_metrics_batch(1, cut, total_steps, steps_per_epoch)
    assert begun + rest == whole
    assert [point["step"] for point in whole] == list(range(1, total_steps + 1))


@given(st.integers(1, 1000), st.integers(1, 100), st.data())
def test_no_step_is_in_an_epoch_that_does_not_exist(epochs, steps_per_epoch, data):
    total = epochs * steps_per_epoch
    step = data.draw(st.integers(0, total))
    assert 1 <= epoch_of(step, steps_per_epoch, total) <= epochs
    assert epoch_of(step, steps_per_epoch, total) == step // steps_per_epoch + 1 or step == total


def test_the_last_step_is_in_the_last_epoch():
    last = TrainingSimulator().generate_metrics_batch(991, 100, 1000, 100)[-1]
    assert (last["step"], last["epoch"]) == (1000, 10)


def test_step_0_is_the_model_before_the_training():
    first = TrainingSimulator().generate_metrics_batch(0, 1, 1000, 100)
    assert [(point["step"], point["epoch"]) for point in first] == [(0, 1)]


@pytest.mark.parametrize("count", [0, -1])
def test_no_points_are_asked_for_and_none_come(count):
    assert TrainingSimulator().generate_metrics_batch(1, count, 1000, 100) == []


@pytest.mark.parametrize(
    "curve",
    [
        {"initial_loss": 0},
        {"initial_loss": -1},
        {"final_loss": -0.1},
        {"decay_rate": -1},
        {"initial_loss": math.nan},
        {"decay_rate": math.inf},
    ],
)
def test_a_curve_that_cannot_be_is_refused(curve):
    with pytest.raises(ValueError, match="finite and not negative"):
        TrainingSimulator(**curve)


@pytest.mark.parametrize(("start", "total", "epoch"), [(-1, 10, 1), (1, 10, 0)])
def test_steps_that_cannot_be_are_refused(start, total, epoch):
    with pytest.raises(ValueError, match=r"counted from 0|at least one"):
        TrainingSimulator().generate_metrics_batch(start, 3, total, epoch)
