"""An event id counts within what a report is about; a repeat changes nothing, and no other report gets lost."""

from datetime import timedelta
from typing import Any

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.edit import Edit
from trainwatch.domain.payload import parse
from trainwatch.domain.tracked.change import Err, Start
from trainwatch.services.edit import delete_task, edit_task
from trainwatch.services.ingest import Answer, ingest_all
from trainwatch.services.tracking import track_all
from trainwatch.services.upkeep import RECEIPTS_KEPT, forget_old_receipts
from trainwatch.store.work import Work

GPU = {"gpuName": "A100"}


def afresh(counter: Counter) -> Counter:
    """Return a counter on the same database, as after a restart."""
    connection = counter.database.write_engine.connect()
    return Counter(counter.database, Work(connection, counter.database), counter.now)


def forget(counter: Counter) -> None:
    """Delete the first task."""
    counter.work.begin(counter.now)
    delete_task(counter.work, CONSOLE, 1)
    counter.work.commit()


def state(counter: Counter) -> list[Any]:
    """Return all that reports leave behind but the receipts."""
    tables = ("tasks", "metric_points", "notifications", "gpus", "task_events")
    return [counter.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"taskName": "A"}, {"taskName": "B"}),
        ({"runId": "a"}, {"runId": "b"}),
        ({"taskName": "A", "gpuName": "X"}, {"taskName": "A", "gpuName": "Y"}),
        ({"taskName": "A", "gpuName": "X", "host": "x"}, {"taskName": "A", "gpuName": "X", "host": "y"}),
        ({"gpuName": "X"}, {"gpuName": "Y"}),
        ({"taskName": "A"}, {"gpuName": "Y"}),
        ({"taskName": "A"}, {"runId": "A"}),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_an_event_id_counts_within_the_task_that_a_report_is_about(
    counter: Counter, first: dict[str, Any], second: dict[str, Any], together: bool
):
    rest = {"step": 2, "loss": 0.5, "eventId": "1"}
    if together:
        answers = counter.send({**first, **rest}, {**second, **rest})
    else:
        answers = counter.send({**first, **rest}) + counter.send({**second, **rest})
    assert answers == [Answer(1), Answer(2)]
    assert counter.rows("SELECT task_id FROM metric_points ORDER BY 1") == [(1,), (2,)]
    before = state(counter)
    for each in (counter, afresh(counter)):
        assert each.send({**second, **rest}, {**first, **rest}) == [Answer(2), Answer(1)]
        assert state(counter) == before


def test_a_task_is_the_same_however_a_report_names_it(counter: Counter):
    counter.send({"taskName": "A", "runId": "r", **GPU, "loss": 0.5, "step": 1, "eventId": "1"})
    before = state(counter)
    for names in ({"taskId": 1}, {"runId": "r"}, {"taskName": "A"}, GPU):
        (answer,) = counter.send({**names, "loss": 0.25, "step": 1, "eventId": "1"})
        assert answer == Answer(1)
    assert state(counter) == before


def test_a_batch_takes_each_report_by_what_it_is_about(counter: Counter):
    payloads = [
        {"taskName": "A", "loss": 1, "step": 1, "eventId": 1},
        {"taskName": "B", "loss": 1, "step": 1, "eventId": 1},
        {"taskName": "A", "loss": 2, "step": 2, "eventId": 1},
        {"title": "note", "eventId": 1},
    ]
    counter.work.begin(counter.now)
    outcomes = ingest_all(counter.work, [parse(payload) for payload in payloads])
    counter.work.commit()
    assert [outcome.task_id for outcome in outcomes if isinstance(outcome, Answer)] == [1, 2, 1, None]
    assert counter.rows("SELECT task_id, step FROM metric_points ORDER BY 1") == [(1, 1), (2, 1)]
    assert counter.one("SELECT count(*) FROM notifications WHERE title = 'note'") == 1


def test_notifications_of_one_id_are_shown_each_once_by_title_and_host(counter: Counter):
    notes = [
        {"title": "disk full", "eventId": "1"},
        {"title": "disk full", "host": "b", "eventId": "1"},
        {"title": "too hot", "eventId": "1"},
    ]
    first = counter.send(*notes)
    assert len({answer.notification_id for answer in first}) == 3
    assert counter.send(*notes, {**notes[0], "message": "again"}) == [*first, first[0]]


def test_readings_of_one_id_count_within_their_gpu(counter: Counter):
    reading = {"gpu": {"power": 100}, "eventId": "1"}
    counter.send({"gpuName": "X", **reading}, {"gpuName": "Y", **reading})
    counter.send({"gpuName": "X", "gpu": {"power": 200}, "eventId": "1"})
    assert counter.rows("SELECT name, power_watts FROM gpus ORDER BY 1") == [("X", 100.0), ("Y", 100.0)]


def test_a_repeat_changes_not_even_its_gpu(counter: Counter):
    report = {"taskName": "A", **GPU, "gpu": {"power": 100}, "loss": 1, "eventId": "1"}
    counter.send(report)
    counter.send({**GPU, "gpu": {"power": 200}})
    before = state(counter)
    counter.send(report, {**report, "gpu": {"power": 300}})
    assert state(counter) == before


def test_a_repeat_is_known_after_the_task_was_renamed(counter: Counter):
    report = {"taskName": "A", "loss": 1, "eventId": "1"}
    counter.send(report)
    counter.work.begin(counter.now)
    edit_task(counter.work, CONSOLE, 1, Edit(title="by hand"))
    counter.work.commit()
    counter.send({"taskId": 1, "taskName": "B"})
    before = state(counter)
    assert counter.send(report) == [Answer(1)]
    assert state(counter) == before
    assert counter.send({"taskName": "A", "loss": 2}) == [Answer(2)]
    assert counter.send(report) == [Answer(1)]


def test_a_repeat_of_an_end_does_not_end_the_next_task_on_that_gpu(counter: Counter):
    end = {**GPU, "progress": 1, "status": "done", "eventId": "last"}
    counter.send({"taskName": "A", **GPU, "loss": 1}, end)
    counter.send({"taskName": "B", **GPU, "loss": 1})
    assert counter.send(end) == [Answer(1)]
    assert counter.rows("SELECT training_status FROM tasks ORDER BY id") == [("complete",), ("running",)]
    assert counter.send({**GPU, "loss": 0.5, "eventId": "last"}) == [Answer(2)]


def test_a_repeat_is_known_in_a_later_attempt_and_begins_none(counter: Counter):
    start = {"taskName": "A", "status": "started", "eventId": "1"}
    counter.send(start, {"taskName": "A", "status": "done"}, {"taskName": "A", "status": "started"})
    before = state(counter)
    assert counter.send(start, start) == [Answer(1), Answer(1)]
    assert state(counter) == before


def test_what_a_deleted_task_was_sent_makes_no_task_but_what_is_new_does(counter: Counter):
    report = {"taskName": "A", "loss": 1, "eventId": "1"}
    counter.send(report)
    forget(counter)
    for each in (counter, afresh(counter)):
        assert each.send(report) == [Answer(1)]
    assert counter.send({"taskName": "A", "loss": 2, "eventId": "1"}) == [Answer(2)]
    assert counter.send({"taskName": "A", "loss": 3, "eventId": "1"}) == [Answer(2)]


def test_event_ids_of_a_tracker_are_other_ones_than_those_of_reports(counter: Counter):
    counter.work.begin(counter.now)
    track_all(counter.work, [Start("a", "claude", event_id="1"), Err("a", "x", event_id="2")])
    counter.work.commit()
    assert counter.send({"runId": "a", "message": "one", "eventId": "1"}) == [Answer(1)]
    assert counter.send({"taskName": "other", "loss": 1, "eventId": "2"}) == [Answer(2)]
    assert counter.one("SELECT message FROM tasks WHERE id = 1") == "one"
    counter.work.begin(counter.now)
    track_all(counter.work, [Start("a", "claude", event_id="1"), Err("a", "x", event_id="2")])
    counter.work.commit()
    assert counter.one("SELECT count(*) FROM task_events WHERE kind = 'error'") == 1
    assert counter.one("SELECT attempt FROM tasks WHERE id = 1") == 1


def test_a_tracker_that_begins_its_numbers_anew_is_heard_after_its_task_was_deleted(counter: Counter):
    for number in (1, 2):
        counter.work.begin(counter.now)
        track_all(counter.work, [Start("a", "claude", event_id=f"s{number}"), Err("a", "x", event_id="1")])
        counter.work.commit()
        if number == 1:
            forget(counter)
    assert counter.one("SELECT count(*) FROM task_events WHERE kind = 'error' AND task_id = 2") == 1


def test_a_repeat_is_known_for_seven_days_and_no_longer(counter: Counter):
    report = {"taskName": "A", "loss": 1, "eventId": "1"}
    counter.send(report)
    for passed, points in ((RECEIPTS_KEPT - timedelta(minutes=1), 1), (timedelta(minutes=2), 2)):
        counter.now += passed
        counter.work.begin(counter.now)
        forget_old_receipts(counter.work)
        counter.work.commit()
        counter.send(report)
        assert counter.one("SELECT count(*) FROM metric_points") == points


def test_names_of_any_length_and_kind_have_receipts(counter: Counter):
    names = {"taskName": "😀" * 200, "gpuName": "ü" * 200, "host": "漢" * 200, "eventId": "😀" * 200}
    assert counter.send({**names, "loss": 1}, {**names, "loss": 1}) == [Answer(1), Answer(1)]
    assert counter.one("SELECT count(*) FROM metric_points") == 1
