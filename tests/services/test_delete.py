"""Gone for everybody at once; what hung on it goes bit by bit, and comes to nobody's eyes."""

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.edit import Edit
from trainwatch.domain.events import Notified, TaskChanged, TaskRemoved
from trainwatch.domain.job import JobSpec
from trainwatch.domain.payload import parse
from trainwatch.domain.status import Status
from trainwatch.errors import ConflictError, NotFoundError
from trainwatch.services import look
from trainwatch.services.edit import archive_task, ask_to_stop, delete_task, edit_task
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import create_job
from trainwatch.store import remains
from trainwatch.store.engine import Database
from trainwatch.store.export import export_task
from trainwatch.store.series import CurveQuery
from trainwatch.store.tasks import TaskFilter, tasks_on_gpus
from trainwatch.store.work import Work

HANGING = ("metric_points", "metric_buckets", "metric_series", "job_attempts", "task_events")
BIG = {"taskName": "bert", "series": {"loss": {"values": [0.5] * 5_000}, "lr": {"values": [0.1] * 200}}}


def delete(counter: Counter, task_id: int) -> None:
    """Delete a task in a transaction of its own."""
    counter.work.begin(counter.now)
    delete_task(counter.work, CONSOLE, task_id)
    counter.events = counter.work.commit()


def tidy(counter: Counter) -> None:
    """Reduce, as the writer does in quiet moments."""
    counter.work.begin(counter.now)
    counter.work.reduce()
    counter.work.commit()


def sweep(work: Work, counter: Counter) -> int:
    """Take everything away that is left; return in how many slices."""
    slices = 0
    while work.has_remains:
        work.begin(counter.now)
        work.sweep()
        work.commit()
        slices += 1
    return slices


def sizes(counter: Counter) -> dict[str, int]:
    """Return how many rows of deleted tasks there are."""
    return {table: counter.one(f"SELECT count(*) FROM {table}") for table in ("tasks", *HANGING)}


def titles(counter: Counter, *, archived: bool = False) -> list[str]:
    """Return the titles in the list."""
    wanted = TaskFilter(archived=archived)
    view = look.overview(counter.database, wanted, now=counter.now, sort="created", limit=10, offset=0)
    return [row["title"] for row in view["tasks"]]


def test_a_deleted_task_is_told_and_no_reader_finds_it_though_its_points_are_there(counter: Counter):
    task_id = counter.task_of({**BIG, "gpuName": "A100", "runId": "r1"})
    tidy(counter)
    delete(counter, task_id)
    assert [event for event in counter.events if not isinstance(event, Notified)] == [TaskRemoved(task_id)]
    assert sizes(counter)["metric_points"] == 5_200
    view = look.overview(counter.database, TaskFilter(), now=counter.now, sort="created", limit=10, offset=0)
    assert (view["tasks"], view["total"], sum(view["counts"].values()), view["archived"]) == ([], 0, 0, 0)
    assert [card["tasks"] for card in view["gpus"]] == [[]]
    assert look.task_only(counter.database, task_id) is None
    reads = (
        lambda: look.task_whole(counter.database, task_id),
        lambda: look.metrics(counter.database, task_id),
        lambda: look.curve(counter.database, task_id, CurveQuery(name="loss")),
        lambda: list(export_task(counter.database, task_id, "csv")),
        lambda: list(export_task(counter.database, task_id, "json")),
    )
    for read in reads:
        with pytest.raises(NotFoundError):
            read()
    with counter.database.reading() as connection:
        assert tasks_on_gpus(connection, at_most=9) == []


def test_an_archived_task_can_be_deleted_and_is_not_among_the_archived_any_more(counter: Counter):
    task_id = counter.task_of({"taskName": "bert"})
    counter.work.begin(counter.now)
    archive_task(counter.work, CONSOLE, task_id, archived=True)
    counter.work.commit()
    delete(counter, task_id)
    assert titles(counter, archived=True) == []


def test_all_that_hangs_on_it_goes_in_slices_and_nothing_of_another_task(counter: Counter):
    task_id = counter.task_of(BIG)
    other = counter.task_of({**BIG, "taskName": "gpt"})
    tidy(counter)
    both = sizes(counter)
    delete(counter, task_id)
    slices = sweep(counter.work, counter)
    assert slices >= 5_200 // remains.SLICE
    assert {table: 2 * left for table, left in sizes(counter).items()} == both
    assert counter.one("SELECT min(id) FROM tasks") == other
    assert counter.one("SELECT count(*) FROM deleted_tasks") == 0


def test_a_slice_is_never_longer_than_it_may_be(counter: Counter):
    delete(counter, counter.task_of(BIG))
    before = sizes(counter)["metric_points"]
    while counter.work.has_remains:
        counter.work.begin(counter.now)
        counter.work.sweep()
        counter.work.commit()
        after = sizes(counter)["metric_points"]
        assert before - after <= remains.SLICE
        before = after


def test_a_server_that_died_half_way_is_followed_by_one_that_goes_on(counter: Counter, database: Database):
    delete(counter, counter.task_of(BIG))
    counter.work.begin(counter.now)
    counter.work.sweep()
    counter.work.commit()
    assert 0 < sizes(counter)["metric_points"] < 5_200
    with database.writing() as connection:
        after_restart = Work(connection, database)
        after_restart.begin(counter.now)
        after_restart.recover()
        after_restart.commit()
        sweep(after_restart, counter)
    assert set(sizes(counter).values()) == {0}


def test_a_deletion_that_was_rolled_back_costs_the_task_nothing(counter: Counter):
    task_id = counter.task_of(BIG)
    counter.work.begin(counter.now)
    delete_task(counter.work, CONSOLE, task_id)
    counter.work.roll_back()
    sweep(counter.work, counter)
    assert sizes(counter)["metric_points"] == 5_200
    assert titles(counter) == ["bert"]


def test_notifications_stay_and_name_the_task_no_more(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "status": "failed", "message": "exit code 1"})
    before = counter.rows("SELECT title, message FROM notifications ORDER BY id")
    delete(counter, task_id)
    assert before
    assert counter.rows("SELECT title, message FROM notifications ORDER BY id") == before
    sweep(counter.work, counter)
    assert counter.rows("SELECT DISTINCT task_id FROM notifications") == [(None,)]


@pytest.mark.parametrize(
    "report",
    [
        {"taskName": "bert", "loss": 0.1},
        {"taskName": "bert", "gpuName": "A100", "loss": 0.1},
        {"runId": "r1", "taskName": "other", "loss": 0.1},
        {"gpuName": "A100", "progress": 0.5},
    ],
    ids=["name", "name and gpu", "run", "gpu alone"],
)
@pytest.mark.parametrize("swept", [False, True])
def test_a_later_report_makes_a_new_task(counter: Counter, report: dict, swept: bool):
    first = counter.task_of({"taskName": "bert", "gpuName": "A100", "runId": "r1", "step": 7, "loss": 0.2})
    delete(counter, first)
    if swept:
        sweep(counter.work, counter)
    second = counter.task_of(report)
    assert second != first
    whole = look.task_whole(counter.database, second)
    assert [line["message"] for line in whole["events"]][-1] == "first report"
    assert whole["attempt"] == 1


def test_a_later_report_makes_a_new_task_after_a_restart_too(counter: Counter, database: Database):
    report = {"taskName": "bert", "gpuName": "A100", "runId": "r1", "loss": 0.2}
    first = counter.task_of(report)
    delete(counter, first)
    with database.writing() as connection:
        second = Counter(database, Work(connection, database)).task_of(report)
    assert second != first
    assert titles(counter) == ["bert"]


def test_a_repeated_report_of_a_deleted_task_does_not_revive_it(counter: Counter):
    report = {"taskName": "bert", "loss": 0.2, "eventId": "e1"}
    first = counter.task_of(report)
    delete(counter, first)
    assert counter.task_of(report) == first
    assert titles(counter) == []
    assert look.task_only(counter.database, first) is None


def test_what_was_said_of_it_in_the_same_transaction_goes_too(counter: Counter):
    report = parse({"taskName": "bert", "gpuName": "A100", "runId": "r1", "step": 1, "loss": 0.2})
    counter.work.begin(counter.now)
    first = ingest(counter.work, report).task_id or 0
    delete_task(counter.work, CONSOLE, first)
    second = ingest(counter.work, report).task_id or 0
    events = counter.work.commit()
    assert [event.task.id for event in events if isinstance(event, TaskChanged)] == [second]
    assert TaskRemoved(first) in events
    assert {event.task_id for event in events if isinstance(event, Notified)} == {None, second}
    sweep(counter.work, counter)
    assert counter.rows("SELECT DISTINCT task_id FROM metric_points") == [(second,)]
    assert counter.rows("SELECT DISTINCT task_id FROM task_events") == [(second,)]


def test_a_deleted_task_can_be_neither_deleted_again_nor_changed(counter: Counter):
    task_id = counter.task_of({"taskName": "bert"})
    delete(counter, task_id)
    for change in (
        lambda: delete_task(counter.work, CONSOLE, task_id),
        lambda: edit_task(counter.work, CONSOLE, task_id, Edit(title="x")),
        lambda: ask_to_stop(counter.work, CONSOLE, task_id, stop=True),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_what_was_still_to_be_reduced_of_it_is_forgotten(counter: Counter):
    task_id = counter.task_of(BIG)
    tidy(counter)
    counter.send({"taskName": "bert", "step": 3, "loss": 9.0}, {"taskName": "bert", "step": 5_900, "loss": 1})
    delete(counter, task_id)
    sweep(counter.work, counter)
    tidy(counter)
    assert sizes(counter)["metric_buckets"] == 0


def a_job(counter: Counter, status: Status) -> int:
    """Make a job that is in that state."""
    counter.work.begin(counter.now)
    task = create_job(counter.work, CONSOLE, JobSpec(name="job", model_name="m", epochs=1))
    counter.work.put(task.replaced(training_status=status))
    counter.work.commit()
    return task.id


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED])
def test_a_job_that_runs_is_not_deleted(counter: Counter, status: Status):
    job = a_job(counter, status)
    with pytest.raises(ConflictError, match="the job runs; stop it first"):
        delete(counter, job)
    counter.work.roll_back()
    assert titles(counter) == ["job"]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.COMPLETE, Status.FAILED, Status.STOPPED])
def test_a_job_that_does_not_run_is_deleted(counter: Counter, status: Status):
    delete(counter, a_job(counter, status))
    assert titles(counter) == []
