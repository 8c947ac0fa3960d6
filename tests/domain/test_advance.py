import pytest

from tests.domain.factories import after, make_task, opened
from trainwatch.domain.status import Status


def test_a_fraction_and_a_percentage_mean_the_same():
    assert [after(make_task(), progress=raw).task.progress for raw in (0.45, 45, "45%")] == [0.45] * 3


def test_progress_never_goes_back():
    assert after(make_task(progress=0.5), progress=0.4).task.progress == 0.5


def test_percentages_are_remembered_so_that_a_bare_one_means_one_percent():
    task = after(make_task(), progress=0.001).task
    assert task.progress_in_percent is False
    task = after(opened(progress=2), progress=1).task
    assert (task.progress_in_percent, task.progress, task.is_ended) == (True, 0.02, False)


def test_a_bare_one_amid_the_epochs_means_one_percent():
    task = after(make_task(), progress=1, current_epoch=1, total_epochs=100).task
    assert (task.progress, task.is_ended) == (0.01, False)


def test_a_bare_one_at_the_last_step_of_the_first_epoch_means_one_percent():
    task = after(
        make_task(), progress=1, current_epoch=1, total_epochs=100, current_step=50, total_steps=50
    ).task
    assert (task.progress, task.is_ended) == (0.01, False)


def test_the_total_may_have_been_said_before():
    assert after(make_task(total_epochs=100), progress=1, current_epoch=1).task.progress == 0.01


def test_a_bare_one_of_a_task_that_says_it_runs_is_taken_back_by_percentages():
    task = after(make_task(), progress=1, status=Status.RUNNING).task
    assert task.progress == 1
    assert after(task, progress=2).task.progress == 0.02


@pytest.mark.parametrize(
    ("counts", "progress"),
    [
        ({"current_epoch": 4, "total_epochs": 10}, 0.4),
        ({"current_step": 350, "total_steps": 1000}, 0.35),
        ({"current_epoch": 4, "total_epochs": 10, "current_step": 350, "total_steps": 1000}, 0.35),
        ({"current_epoch": 4, "total_epochs": 10, "current_step": 90, "total_steps": 100}, 0.4),
        ({"current_step": 1200, "total_steps": 1000}, 1.0),
        ({"current_step": 12, "total_steps": 0}, None),
        ({"current_epoch": 12}, None),
        ({"total_epochs": 12}, None),
    ],
)
def test_progress_that_is_not_sent_comes_from_steps_or_epochs(counts: dict[str, int], progress: float | None):
    assert after(make_task(), **counts).task.progress == progress


def test_progress_that_is_sent_goes_before_that_of_the_epochs():
    assert after(make_task(), progress=0.1, current_epoch=4, total_epochs=10).task.progress == 0.1


def test_a_total_that_was_said_once_holds():
    task = after(make_task(), current_epoch=1, total_epochs=10).task
    assert after(task, current_epoch=2).task.progress == 0.2


def test_a_report_from_an_earlier_step_or_epoch_turns_nothing_back():
    task = make_task(current_epoch=5, current_step=500, message="new", eta_seconds=50.0)
    for late in ({"current_step": 400}, {"current_epoch": 4, "current_step": 600}):
        behind = after(task, **late, message="old", eta_seconds=999.0).task
        assert (behind.current_epoch, behind.current_step, behind.message) == (5, 500, "new")
        assert behind.eta_seconds == 49


def test_steps_that_are_counted_anew_in_each_epoch_start_over():
    task = after(make_task(current_epoch=5, current_step=100), current_epoch=6, current_step=1).task
    assert (task.current_epoch, task.current_step) == (6, 1)


def test_an_eta_that_is_sent_holds_and_runs_down():
    task = after(make_task(), progress=0.1, eta_seconds=90.0).task
    assert task.eta_seconds == 90
    assert after(task, seconds=5).task.eta_seconds == 85
    assert after(task, seconds=500).task.eta_seconds == 0


def test_an_eta_that_is_not_sent_comes_from_the_pace():
    task = opened(progress=0)
    for percent in range(1, 21):
        task = after(task, seconds=3, progress=f"{percent}%").task
    assert task.eta_seconds == pytest.approx(240)


def test_the_eta_of_a_task_that_stalls_but_reports_grows():
    task = opened(progress=0)
    for percent in range(1, 21):
        task = after(task, seconds=3, progress=f"{percent}%").task
    stalled = task
    for _ in range(40):
        stalled = after(stalled, seconds=3, message="still here").task
    assert (stalled.eta_seconds or 0) > 2 * (task.eta_seconds or 0)


def test_a_pause_does_not_slow_the_pace_down():
    task = opened(progress=0)
    for percent in range(1, 21):
        task = after(task, seconds=3, progress=f"{percent}%").task
    paused = after(task, seconds=1, status=Status.PAUSED).task
    resumed = after(paused, seconds=50, status=Status.RUNNING).task
    assert after(resumed, seconds=3, progress="21%").task.eta_seconds == pytest.approx(237, abs=10)


def test_an_ended_task_has_no_eta():
    assert after(make_task(eta_seconds=9.0), status=Status.FAILED).task.eta_seconds is None
