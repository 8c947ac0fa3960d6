"""Ends that a person marks: what is kept of them, and what a program may still say afterwards."""

from datetime import timedelta

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Notified
from trainwatch.domain.job import JobSpec
from trainwatch.domain.status import Status
from trainwatch.domain.tracked.change import Act, Complete, Iterate, Start
from trainwatch.errors import ConflictError, NotFoundError
from trainwatch.services import look
from trainwatch.services.edit import delete_task
from trainwatch.services.ending import end_task
from trainwatch.services.jobs import create_job
from trainwatch.services.tracking import progress_of, track
from trainwatch.store.audit import list_audit

ALICE = Actor("session", "alice", 3, "10.0.0.7")


def mark(counter: Counter, task_id: int, status: Status = Status.FAILED) -> None:
    """Mark the end of a task as alice an hour after it was heard last, in a transaction of its own."""
    counter.now += timedelta(hours=1)
    counter.work.begin(counter.now)
    end_task(counter.work, ALICE, task_id, status)
    counter.events = counter.work.commit()


@pytest.mark.parametrize("status", [Status.FAILED, Status.STOPPED])
def test_a_marked_end_names_who_marked_it_in_state_history_and_audit_log(counter: Counter, status: Status):
    task_id = counter.task_of({"taskName": "bert", "progress": 10, "eta": 60})
    mark(counter, task_id, status)
    whole = look.task_whole(counter.database, task_id)
    reason = f"marked as {status} by alice"
    assert (whole["status"], whole["statusReason"], whole["etaSeconds"]) == (status, reason, None)
    assert whole["finishedAt"] == whole["lastUpdated"]
    (attempt,) = whole["attempts"]
    assert (attempt["status"], attempt["statusReason"]) == (status, reason)
    assert (whole["events"][0]["kind"], whole["events"][0]["message"]) == (status, reason)
    with counter.database.reading() as connection:
        (entry,) = list_audit(connection)
    assert (str(entry.actor), entry.action, entry.target) == (
        "session 3 (alice)",
        f"marked task as {status}",
        f"task {task_id} (bert)",
    )


def test_a_marked_end_is_no_news_for_everybody(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "progress": 10})
    mark(counter, task_id)
    assert not [event for event in counter.events if isinstance(event, Notified)]


def test_a_second_end_is_refused_and_says_which_there_is(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "progress": 10})
    mark(counter, task_id)
    counter.work.begin(counter.now)
    with pytest.raises(ConflictError, match="the task has already ended: failed"):
        end_task(counter.work, ALICE, task_id, Status.STOPPED)
    counter.work.commit()
    assert counter.one("SELECT training_status FROM tasks") == "failed"
    assert counter.one("SELECT count(*) FROM audit_log") == 1


def test_a_task_that_is_not_there_cannot_be_ended(counter: Counter):
    task_id = counter.task_of({"taskName": "bert"})
    counter.work.begin(counter.now)
    delete_task(counter.work, ALICE, task_id)
    for gone in (task_id, 0, 2**63):
        with pytest.raises(NotFoundError):
            end_task(counter.work, ALICE, gone, Status.FAILED)


def test_a_late_report_leaves_a_marked_end_alone_and_its_point_is_kept(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "step": 5, "loss": 0.5})
    mark(counter, task_id)
    counter.send({"taskName": "bert", "step": 6, "loss": 0.4})
    whole = look.task_whole(counter.database, task_id)
    assert (whole["status"], whole["attempt"], whole["metrics"]) == ("failed", 1, {"loss": 0.4})
    assert [row["step"] for row in look.metrics(counter.database, task_id)] == [5, 6]


@pytest.mark.parametrize("said", [{"status": "running"}, {"step": 1, "loss": 2.0}])
def test_a_report_that_begins_anew_begins_the_next_attempt_after_a_marked_end(
    counter: Counter, said: dict[str, object]
):
    task_id = counter.task_of({"taskName": "bert", "step": 5, "loss": 0.5})
    mark(counter, task_id)
    counter.send({"taskName": "bert", **said})
    whole = look.task_whole(counter.database, task_id)
    assert (whole["status"], whole["statusReason"], whole["attempt"]) == ("running", None, 2)
    assert [attempt["status"] for attempt in whole["attempts"]] == ["failed", "running"]


def test_a_tracked_task_has_ended_for_its_tracker_too(counter: Counter):
    counter.work.begin(counter.now)
    task_id = track(counter.work, Start("t", "claude", criteria_total=2)).task_id
    track(counter.work, Act("t", "run", "make"))
    counter.work.commit()
    mark(counter, task_id, Status.STOPPED)
    progress = progress_of(counter.database, "t")
    assert progress is not None
    assert (progress.status, progress.summary, progress.action) == (
        "failed",
        "marked as stopped by alice",
        None,
    )
    assert progress.completed_at is not None
    assert look.task_whole(counter.database, task_id)["status"] == "stopped"
    counter.work.begin(counter.now)
    for late in (Iterate("t", 2), Complete("t", success=True)):
        with pytest.raises(ConflictError, match="has ended"):
            track(counter.work, late)
    track(counter.work, Start("t", "claude"))
    counter.work.commit()
    whole = look.task_whole(counter.database, task_id)
    assert (whole["status"], whole["attempt"], whole["tracked"]["status"]) == ("running", 2, "in_progress")


def test_a_job_that_has_not_begun_cannot_be_ended(counter: Counter):
    counter.work.begin(counter.now)
    job = create_job(counter.work, ALICE, JobSpec(name="job", model_name="m", epochs=1))
    with pytest.raises(ConflictError, match="has not begun"):
        end_task(counter.work, ALICE, job.id, Status.FAILED)
