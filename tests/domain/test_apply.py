from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.factories import NOW, after, at, kinds, loss, make_report, make_task, opened
from trainwatch.domain.apply import apply, open_task
from trainwatch.domain.attempt import Ended
from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import NEXT, Status
from trainwatch.domain.task import Task


def test_a_first_report_makes_a_running_task_titled_as_it_was_named():
    task, happenings = open_task(make_report(progress=0.1), id=7, gpu_id=3, now=NOW)
    assert (task.title, task.reported_name, task.gpu_id, task.attempt) == ("bert", "bert", 3, 1)
    assert (task.training_status, task.started_at, task.progress) == (Status.RUNNING, NOW, 0.1)
    assert [happening.kind for happening in happenings] == ["created", "started"]


def test_a_first_report_without_a_name_is_titled_after_its_gpu():
    task, _ = open_task(Report(gpu_name="A100", current_step=3), id=7, gpu_id=3, now=NOW)
    assert task.title == "A100 training"
    assert task.reported_name is None


def test_a_first_report_may_say_that_the_task_still_waits():
    task, happenings = open_task(make_report(status=Status.QUEUED), id=7, gpu_id=None, now=NOW)
    assert (task.training_status, task.started_at) == (Status.QUEUED, None)
    assert [happening.kind for happening in happenings] == ["created"]


def test_a_first_report_may_already_be_the_last():
    task, happenings = open_task(
        make_report(status=Status.FAILED, message="exit code 1"), id=7, gpu_id=None, now=NOW
    )
    assert (task.training_status, task.status_reason, task.finished_at) == (Status.FAILED, "exit code 1", NOW)
    assert [happening.kind for happening in happenings] == ["created", "failed"]


def test_a_mere_message_makes_a_running_task():
    assert opened(message="hello").training_status is Status.RUNNING


def test_a_first_report_keeps_the_attempt_that_it_names():
    assert opened(attempt=0).attempt == 0


def test_a_queued_task_starts_with_its_first_training_fields():
    applied = after(make_task(training_status=Status.QUEUED, started_at=None), current_step=1)
    assert (applied.task.training_status, applied.task.started_at) == (Status.RUNNING, at(1))
    assert kinds(applied) == ["started"]


def test_a_queued_task_stays_queued_at_a_mere_message():
    assert (
        after(make_task(training_status=Status.QUEUED), message="soon").task.training_status is Status.QUEUED
    )


def test_a_running_task_is_never_queued_again():
    applied = after(make_task(), status=Status.QUEUED, progress=0.3)
    assert (applied.task.training_status, applied.task.progress) == (Status.RUNNING, 0.3)


def test_a_task_pauses_and_resumes():
    paused = after(make_task(), status=Status.PAUSED)
    resumed = after(paused.task, status=Status.RUNNING)
    assert (kinds(paused), kinds(resumed)) == (["paused"], ["resumed"])
    assert resumed.task.started_at == NOW


def test_a_paused_task_resumes_by_moving_on():
    paused = make_task(training_status=Status.PAUSED, progress=0.4)
    assert after(paused, progress=0.4).task.training_status is Status.PAUSED
    assert after(paused, progress=0.5).task.training_status is Status.RUNNING


def test_progress_one_without_a_state_completes_the_task():
    applied = after(make_task(progress=0.9), progress="100%")
    assert (applied.task.training_status, applied.task.status_reason) == (Status.COMPLETE, "finished")
    assert (applied.task.finished_at, applied.task.eta_seconds) == (at(1), None)
    assert kinds(applied) == ["complete"]


def test_progress_one_of_a_task_that_says_it_runs_does_not_complete_it():
    applied = after(make_task(progress=0.9), progress="100%", status=Status.RUNNING)
    assert (applied.task.training_status, applied.task.progress) == (Status.RUNNING, 1)


def test_the_last_of_all_steps_does_not_complete_the_task():
    applied = after(make_task(), current_step=100, total_steps=100)
    assert (applied.task.training_status, applied.task.progress) == (Status.RUNNING, 1)


def test_a_complete_task_is_all_done():
    assert after(make_task(progress=0.4), status=Status.COMPLETE).task.progress == 1


def test_a_failed_task_stays_where_it_was():
    assert after(make_task(progress=0.4), status=Status.FAILED).task.progress == 0.4


def test_every_end_has_a_reason():
    reasons = [
        after(make_task(), status=status, message=message).task.status_reason
        for status in (Status.COMPLETE, Status.FAILED, Status.STOPPED)
        for message in (None, "out of memory")
    ]
    assert reasons == [
        "finished",
        "out of memory",
        "reported as failed",
        "out of memory",
        "reported as stopped",
        "out of memory",
    ]


def test_the_end_tells_its_reason_once():
    applied = after(make_task(), status=Status.FAILED, message="out of memory")
    assert [(each.kind, each.message) for each in applied.happenings] == [("failed", "out of memory")]


def test_a_new_message_is_kept_and_told_once():
    first = after(make_task(), message="validating")
    again = after(first.task, message="validating")
    assert first.task.message == again.task.message == "validating"
    assert (kinds(first), kinds(again)) == (["message"], [])


def test_a_late_report_keeps_the_state_and_gives_its_points_to_the_ended_attempt():
    ended = after(make_task(current_step=90), status=Status.FAILED, message="exit code 1").task
    late = after(
        ended, current_step=89, progress=0.89, status=Status.COMPLETE, message="done", points=loss(0.1, 89)
    )
    assert late.task == ended.replaced(last_updated=at(2), latest={"loss": 0.1})
    assert (late.points_attempt, late.ended, kinds(late)) == (1, None, [])


@pytest.mark.parametrize(
    "facts",
    [
        {"status": Status.RUNNING},
        {"status": Status.QUEUED},
        {"starts": True},
        {"current_step": 1},
        {"current_epoch": 0},
        {"current_epoch": 1, "progress": 0.1},
    ],
)
def test_after_an_end_a_start_begins_a_new_attempt(facts: dict[str, Any]):
    ended = after(make_task(progress=0.9), status=Status.FAILED, message="exit code 1").task
    applied = after(ended, **facts)
    assert (applied.task.attempt, applied.points_attempt) == (2, 2)
    assert (applied.task.progress, applied.task.is_ended) == (facts.get("progress"), False)
    assert applied.ended == Ended(1, Status.FAILED, "exit code 1", 0.9, NOW, at(1))
    assert kinds(applied) == ["attempt"]


def test_a_new_attempt_knows_nothing_of_how_far_the_last_one_was():
    task = make_task(progress=0.9, current_epoch=9, current_step=900, eta_seconds=3.0, latest={"loss": 0.1},
                     message="nearly there", stop_requested_at=NOW)  # fmt: skip
    begun = after(after(task, status=Status.STOPPED).task, starts=True).task
    assert (begun.progress, begun.current_epoch, begun.current_step, begun.eta_seconds) == (
        None,
        None,
        None,
        None,
    )
    assert (begun.latest, begun.message, begun.stop_requested_at, begun.status_reason) == (
        {},
        None,
        None,
        None,
    )
    assert (begun.started_at, begun.finished_at) == (begun.last_updated, None)


def test_an_end_told_twice_begins_nothing():
    ended = after(make_task(), progress="100%", current_epoch=1, total_epochs=1).task
    assert after(ended, progress="100%", current_epoch=1, total_epochs=1).task.attempt == 1
    assert after(ended, status=Status.COMPLETE, current_epoch=1).task.attempt == 1


def test_a_report_with_a_higher_attempt_begins_it_and_ends_the_one_before():
    applied = after(make_task(progress=0.4), attempt=5, progress=0.1)
    assert (applied.task.attempt, applied.points_attempt, applied.task.progress) == (5, 5, 0.1)
    assert applied.ended is not None
    assert (applied.ended.attempt, applied.ended.status, applied.ended.finished_at) == (
        1,
        Status.STOPPED,
        at(1),
    )
    assert kinds(applied) == ["stopped", "attempt"]


def test_a_report_of_an_attempt_before_changes_nothing_but_has_its_points_kept():
    task = make_task(attempt=3, progress=0.4)
    applied = after(task, attempt=2, progress=0.9, status=Status.FAILED, points=loss(0.1, 3))
    assert applied.task is task
    assert (applied.points_attempt, kinds(applied)) == (2, [])


def test_a_report_that_names_an_ended_attempt_does_not_begin_another():
    ended = after(make_task(), status=Status.FAILED).task
    assert after(ended, attempt=1, current_step=1).task.attempt == 1


def test_a_start_after_a_long_silence_ends_the_run_that_was_abandoned():
    applied = after(
        make_task(progress=0.4, current_epoch=4), seconds=3600, starts=True, status=Status.RUNNING
    )
    assert (applied.task.attempt, applied.task.training_status) == (2, Status.RUNNING)
    assert applied.ended is not None
    assert (applied.ended.status, applied.ended.reason) == (
        Status.STOPPED,
        "a new run began under the same name",
    )
    assert kinds(applied) == ["stopped", "attempt"]


def test_a_start_amid_a_live_run_or_one_that_goes_on_begins_nothing():
    task = make_task(progress=0.4)
    assert after(task, starts=True).task.attempt == 1
    assert after(task, seconds=3600, starts=True, current_step=400).task.attempt == 1
    assert after(task, seconds=3600, starts=True, progress=0.5).task.attempt == 1
    assert after(task, seconds=3600, progress=0.0).task.attempt == 1


def test_an_end_guessed_from_a_bare_one_is_undone_by_percentages():
    first, second = opened(progress=0), None
    guessed = after(first, progress=1)
    second = after(guessed.task, progress=2)
    assert guessed.task.training_status is Status.COMPLETE
    assert (second.task.training_status, second.task.progress, second.task.attempt) == (
        Status.RUNNING,
        0.02,
        1,
    )
    assert (second.task.status_reason, second.task.finished_at) == (None, None)
    assert kinds(second) == ["resumed"]


def test_a_guessed_end_stands_once_it_is_told_or_shown():
    told = after(after(make_task(), progress=1, status=Status.COMPLETE).task, progress=2)
    shown = after(after(make_task(), progress=1, current_epoch=10, total_epochs=10).task, progress=2)
    known = after(after(make_task(progress_in_percent=False), progress=1).task, progress=2)
    assert [each.task.is_ended for each in (told, shown, known)] == [True, True, True]


def test_a_report_raises_last_updated_and_never_turns_it_back():
    task = make_task()
    assert after(task, seconds=5).task.last_updated == at(5)
    assert apply(task, make_report(), now=NOW - timedelta(seconds=9)).task.last_updated == NOW


def test_the_rhythm_counts_only_the_time_that_the_task_ran():
    task = make_task()
    assert after(task, seconds=5).task.rhythm.expected_seconds == 5
    paused = after(task, seconds=5, status=Status.PAUSED).task
    assert after(paused, seconds=999, status=Status.RUNNING).task.rhythm == paused.rhythm


def test_what_no_report_can_say_stays_as_it_is():
    task = make_task(tags=("a",), notes="mine", revision=9, archived_at=NOW, source="simulated")
    applied = after(task, progress=0.5).task
    assert (applied.tags, applied.notes, applied.revision) == (("a",), "mine", 9)
    assert (applied.archived_at, applied.source, applied.created_at) == (NOW, "simulated", NOW)


COUNTS = st.none() | st.integers(0, 5)
REPORTS = st.builds(
    Report,
    name=st.just("bert"),
    title=st.none() | st.just("BERT"),
    attempt=st.none() | st.integers(0, 4),
    status=st.none() | st.sampled_from(Status),
    starts=st.booleans(),
    message=st.none() | st.sampled_from(["", "hello"]),
    progress=st.none()
    | st.builds(Progress, st.floats(0, 1), st.just("fraction"))
    | st.sampled_from([Progress(0.0, "unclear"), Progress(1.0, "unclear"), Progress(1.0, "fraction")]),
    current_epoch=COUNTS,
    total_epochs=COUNTS,
    current_step=COUNTS,
    total_steps=COUNTS,
    eta_seconds=st.none() | st.floats(0, 1e9),
    points=st.lists(
        st.builds(Point, st.sampled_from("abcdefgh"), st.floats(0, 1)) | st.builds(Point, st.just("loss"), st.none(), flag=st.just("nan")),
        max_size=3,
    ).map(tuple),
)  # fmt: skip
HISTORIES = st.lists(st.tuples(REPORTS, st.floats(-5, 2000)), min_size=1, max_size=12)


def _histories(history: list[tuple[Report, float]]) -> list[Task]:
    first, *rest = history
    task, _ = open_task(first[0], id=7, gpu_id=None, now=NOW)
    tasks, now = [task], NOW
    for report, seconds in rest:
        now += timedelta(seconds=seconds)
        task = apply(task, report, now=now).task
        tasks.append(task)
    return tasks


@given(HISTORIES)
def test_no_history_leads_to_a_task_that_makes_no_sense(history: list[tuple[Report, float]]):
    for task in _histories(history):
        assert task.progress is None or 0 <= task.progress <= 1
        assert task.eta_seconds is None or 0 <= task.eta_seconds < float("inf")
        assert task.is_ended == (task.finished_at is not None) == bool(task.status_reason)
        assert len(task.latest) <= 6
        assert len(vars(task)) == len(fields(Task))
        assert task.training_status is not Status.COMPLETE or task.progress == 1


@given(HISTORIES)
def test_whatever_comes_a_task_moves_forward_only(history: list[tuple[Report, float]]):
    tasks = _histories(history)
    for before, task in pairwise(tasks):
        assert (task.attempt, task.last_updated) >= (before.attempt, before.last_updated)
        if task.attempt > before.attempt:
            continue
        assert task.training_status in {before.training_status, *NEXT[before.training_status]}
        assert (task.progress or 0) >= (before.progress or 0)
        assert (task.current_epoch or 0) >= (before.current_epoch or 0)
        if task.current_epoch == before.current_epoch:
            assert (task.current_step or 0) >= (before.current_step or 0)


@given(HISTORIES)
def test_a_report_that_comes_twice_changes_no_more_than_once(history: list[tuple[Report, float]]):
    task, report = _histories(history)[-1], history[-1][0]
    if task.is_ended or report.starts or report.eta_seconds is not None:
        return
    again = apply(task, report, now=task.last_updated).task
    assert again.replaced(pace=task.pace, eta_seconds=None) == task.replaced(eta_seconds=None)
