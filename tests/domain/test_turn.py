"""A job waits for its turn from the moment somebody asks it to start."""

from datetime import timedelta

import pytest

from tests.domain.factories import NOW, make_report, make_task
from trainwatch.domain.apply import apply
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.domain.turn import as_of_a_job, is_waiting, request_start, withdraw_start
from trainwatch.errors import ConflictError

LATER = NOW + timedelta(hours=1)


def test_a_job_that_never_ran_waits_with_the_attempt_that_it_has():
    task, happenings, ended = request_start(make_task(training_status=Status.QUEUED), now=NOW)
    assert is_waiting(task)
    assert (task.attempt, task.start_requested_at, ended) == (1, NOW, None)
    assert [happening.kind for happening in happenings] == ["start_requested"]


def test_asking_again_does_not_lose_the_place_in_the_line():
    task, _, _ = request_start(make_task(training_status=Status.QUEUED), now=NOW)
    again, happenings, _ = request_start(task, now=LATER)
    assert (again, happenings) == (task, [])


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.FAILED, Status.STOPPED])
def test_a_job_that_has_ended_waits_with_a_new_attempt_and_keeps_the_old_one(status: Status):
    before = make_task(
        training_status=status,
        status_reason="why",
        progress=0.5,
        started_at=NOW,
        finished_at=NOW,
        stop_requested_at=NOW,
        archived_at=NOW,
        latest={"loss": 1.0},
    )
    task, _, ended = request_start(before, now=LATER)
    assert is_waiting(task)
    assert (task.attempt, task.progress, task.stop_requested_at, task.archived_at) == (2, None, None, None)
    assert ended is not None
    assert (ended.attempt, ended.status, ended.reason, ended.progress) == (1, status, "why", 0.5)


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED])
def test_a_job_that_runs_is_not_started_twice(status: Status):
    with pytest.raises(ConflictError):
        request_start(make_task(training_status=status), now=NOW)


def test_a_start_can_be_taken_back_while_the_job_waits():
    task, _, _ = request_start(make_task(training_status=Status.QUEUED), now=NOW)
    back, happenings = withdraw_start(task)
    assert not is_waiting(back)
    assert [happening.kind for happening in happenings] == ["start_withdrawn"]
    assert withdraw_start(back) == (back, [])


def a_job(**facts: object) -> Task:
    return make_task(source="local", attempt=2, **facts)


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.FAILED, Status.STOPPED, Status.QUEUED, None])
def test_a_jobs_script_cannot_end_its_job(status: Status | None):
    report = as_of_a_job(a_job(), make_report(status=status, progress=1))
    task = apply(a_job(), report, now=NOW).task
    assert (task.training_status, task.attempt, task.progress) == (Status.RUNNING, 2, 1.0)


def test_a_jobs_script_cannot_begin_an_attempt():
    job = a_job(training_status=Status.COMPLETE, finished_at=NOW)
    report = as_of_a_job(job, make_report(starts=True, current_step=1))
    assert apply(job, report, now=LATER).task.attempt == 2


@pytest.mark.parametrize("attempt", [1, 3])
def test_reports_of_another_attempt_are_refused(attempt: int):
    with pytest.raises(ConflictError, match=f"this is attempt {attempt}, but the job is at attempt 2"):
        as_of_a_job(a_job(), make_report(attempt=attempt))
