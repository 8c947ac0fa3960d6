"""What a person does by hand leaves a line in the audit log, and only if it was done."""

import pytest

from tests.services.conftest import NOW, Counter
from trainwatch.domain.audit import Actor
from trainwatch.domain.edit import Edit
from trainwatch.domain.job import JobSpec
from trainwatch.errors import ConflictError
from trainwatch.services.edit import archive_task, ask_to_stop, delete_task, edit_task
from trainwatch.services.jobs import create_job
from trainwatch.store.audit import list_audit

ALICE = Actor("session", "alice", 3, "10.0.0.7")
BOB = Actor("key", "bob", 4, "10.0.0.8")


def audited(counter: Counter) -> list[tuple[str, str, str | None, str, str]]:
    """Return who did what to what, the oldest first."""
    counter.work.commit()
    with counter.database.reading() as connection:
        entries = list_audit(connection)
    return [
        (entry.actor.kind, str(entry.actor), entry.actor.address, entry.action, entry.target)
        for entry in reversed(entries)
    ]


def test_each_deed_is_named_with_its_doer_and_what_it_was_done_to(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "progress": 10})
    counter.work.begin(NOW)
    edit_task(counter.work, ALICE, task_id, Edit(title="roberta"))
    ask_to_stop(counter.work, ALICE, task_id, stop=True)
    ask_to_stop(counter.work, ALICE, task_id, stop=False)
    archive_task(counter.work, ALICE, task_id, archived=True)
    archive_task(counter.work, ALICE, task_id, archived=False)
    delete_task(counter.work, ALICE, task_id)
    name = f"task {task_id} (roberta)"
    assert audited(counter) == [
        ("session", "session 3 (alice)", "10.0.0.7", action, target)
        for action, target in [
            ("renamed task", f"task {task_id} (bert) to roberta"),
            ("asked task to stop", name),
            ("asked task no longer to stop", name),
            ("archived task", name),
            ("brought task back", name),
            ("deleted task", name),
        ]
    ]


def test_each_time_somebody_asks_a_task_to_stop_is_audited(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "progress": 10})
    counter.work.begin(NOW)
    ask_to_stop(counter.work, ALICE, task_id, stop=True)
    ask_to_stop(counter.work, BOB, task_id, stop=True)
    asked = [(who, action) for _, who, _, action, _ in audited(counter)]
    assert asked == [("session 3 (alice)", "asked task to stop"), ("key 4 (bob)", "asked task to stop")]
    assert counter.rows("SELECT kind FROM task_events WHERE kind LIKE 'stop%'") == [("stop_requested",)]


def test_the_flag_of_a_job_is_nobodys(counter: Counter):
    counter.work.begin(NOW)
    job = create_job(counter.work, ALICE, JobSpec(name="job", model_name="m", epochs=1))
    for stop in (True, False):
        with pytest.raises(ConflictError, match="this is a job"):
            ask_to_stop(counter.work, ALICE, job.id, stop=stop)


def test_what_changes_nothing_or_is_refused_is_not_audited(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "status": "complete"})
    counter.work.begin(NOW)
    edit_task(counter.work, ALICE, task_id, Edit(notes="a note", tags=("nlp",)))
    archive_task(counter.work, ALICE, task_id, archived=False)
    with pytest.raises(ConflictError):
        ask_to_stop(counter.work, ALICE, task_id, stop=True)
    assert audited(counter) == []
