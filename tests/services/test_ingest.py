"""Which task a report is about, and what is kept of it."""

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.events import Notified, TaskChanged
from trainwatch.errors import InvalidReportError


@pytest.mark.parametrize(
    ("payload", "title", "progress"),
    [
        ({"gpuName": "4090", "progress": 0.5}, "4090 training", 0.5),
        (
            {
                "taskName": "Test Training",
                "gpuName": "GPU-1",
                "progress": 0.45,
                "currentEpoch": 4,
                "totalEpochs": 10,
            },
            "Test Training",
            0.45,
        ),
        ({"gpuName": "A100", "taskName": "LLM Train", "progress": 0.1}, "LLM Train", 0.1),
        (
            {
                "title": "Test Task",
                "gpuName": "RTX 4090",
                "progress": 50,
                "totalEpochs": 100,
                "currentEpoch": 50,
            },
            "Test Task",
            0.5,
        ),
    ],
)
def test_a_newcomers_first_report_makes_its_task(
    counter: Counter, payload: dict, title: str, progress: float
):
    counter.send(payload)
    assert counter.rows("SELECT title, progress, training_status FROM tasks") == [
        (title, progress, "running")
    ]


def test_a_title_and_a_message_are_a_notification_and_no_task(counter: Counter):
    (answer,) = counter.send({"title": "hello", "message": "world"})
    assert answer.task_id is None
    assert counter.rows("SELECT title, message FROM notifications") == [("hello", "world")]
    assert counter.one("SELECT count(*) FROM tasks") == 0
    assert [type(event) for event in counter.events] == [Notified]


def test_the_same_name_on_the_same_gpu_is_the_same_task(counter: Counter):
    first = counter.task_of({"taskName": "bert", "gpuName": "A", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "gpuName": "A", "progress": 0.2}) == first


def test_the_same_name_on_another_gpu_is_another_task(counter: Counter):
    first = counter.task_of({"taskName": "bert", "gpuName": "A", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "gpuName": "B", "progress": 0.1}) != first


def test_the_same_gpu_name_in_another_host_is_another_gpu(counter: Counter):
    first = counter.task_of({"taskName": "bert", "gpuName": "A", "host": "x", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "gpuName": "A", "host": "y", "progress": 0.1}) != first
    assert counter.one("SELECT count(*) FROM gpus") == 2


def test_a_report_without_a_gpu_goes_to_the_task_of_that_name_reported_last(counter: Counter):
    counter.task_of({"taskName": "bert", "gpuName": "A", "progress": 0.1})
    later = counter.task_of({"taskName": "bert", "gpuName": "B", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "progress": 0.2}) == later


def test_a_task_without_a_gpu_gets_the_one_that_is_reported_later(counter: Counter):
    first = counter.task_of({"taskName": "bert", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "gpuName": "A", "progress": 0.2}) == first
    query = "SELECT gpus.name FROM tasks JOIN gpus ON gpus.id = tasks.gpu_id"
    assert counter.one(query) == "A"


def test_a_run_id_names_the_task_whatever_it_is_called(counter: Counter):
    first = counter.task_of({"taskName": "bert", "runId": "r1", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "runId": "r2", "progress": 0.1}) != first
    assert counter.task_of({"taskName": "other", "runId": "r1", "progress": 0.2}) == first


def test_a_report_without_a_name_goes_to_the_live_task_reported_last_on_its_gpu(counter: Counter):
    counter.task_of({"taskName": "old", "gpuName": "A", "progress": 0.1})
    latest = counter.task_of({"taskName": "new", "gpuName": "A", "progress": 0.1})
    assert counter.task_of({"gpuName": "A", "loss": 0.5}) == latest
    counter.send({"taskName": "new", "gpuName": "A", "status": "done"})
    assert counter.task_of({"gpuName": "A", "loss": 0.4}) != latest


def test_a_renamed_task_is_still_found_by_the_name_it_is_reported_under(counter: Counter):
    first = counter.task_of({"taskName": "bert", "title": "BERT, the third", "progress": 0.1})
    assert counter.task_of({"taskName": "bert", "progress": 0.2}) == first
    assert counter.task_of({"taskName": "BERT, the third", "progress": 0.2}) != first


def test_training_fields_about_nothing_are_refused_by_the_field_that_lacks(counter: Counter):
    with pytest.raises(InvalidReportError) as refused:
        counter.send({"progress": 0.5})
    assert refused.value.field == "taskName"


def test_a_mere_reading_of_a_gpu_makes_no_task(counter: Counter):
    (answer,) = counter.send(
        {"gpuName": "A", "gpu": {"utilization": 93, "memoryUsed": 10, "memoryTotal": 20}}
    )
    assert answer.task_id is None
    assert counter.rows("SELECT utilization_percent, memory_used_bytes FROM gpus") == [(93.0, 10)]


def test_fifty_first_reports_of_one_task_in_one_transaction_make_one_task(counter: Counter):
    answers = counter.send(
        *[{"taskName": "new", "gpuName": "A", "step": step, "loss": 1} for step in range(50)]
    )
    assert len({answer.task_id for answer in answers}) == 1
    assert counter.one("SELECT count(*) FROM metric_points") == 50
    assert counter.one("SELECT count(*) FROM tasks") == 1


def test_a_repeat_of_an_event_id_changes_nothing_and_is_answered_the_same(counter: Counter):
    report = {"taskName": "bert", "loss": 0.5, "eventId": "e1"}
    (first,) = counter.send(report)
    (second,) = counter.send(report)
    third, fourth = counter.send({**report, "eventId": "e2"}, {**report, "eventId": "e2"})
    assert first == second == third == fourth
    assert counter.one("SELECT count(*) FROM metric_points") == 2


def test_a_repeated_notification_is_shown_once(counter: Counter):
    note = {"title": "hello", "message": "world", "eventId": "n1"}
    assert counter.send(note) == counter.send(note)
    assert counter.one("SELECT count(*) FROM notifications") == 1


def test_points_without_a_step_follow_the_last(counter: Counter):
    counter.send({"taskName": "bert", "step": 7, "loss": 1.0})
    counter.send({"taskName": "bert", "loss": 0.5}, {"taskName": "bert", "loss": 0.25})
    assert counter.rows("SELECT step, value FROM metric_points ORDER BY step") == [
        (7, 1.0),
        (8, 0.5),
        (9, 0.25),
    ]


def test_a_repeated_step_replaces_its_value(counter: Counter):
    counter.send({"taskName": "bert", "step": 7, "loss": 1.0})
    counter.send({"taskName": "bert", "step": 7, "loss": 0.5})
    assert counter.rows("SELECT step, value FROM metric_points") == [(7, 0.5)]


def test_a_value_that_is_not_finite_is_stored_as_a_flag_and_told(counter: Counter):
    counter.send(
        {"taskName": "bert", "step": 1, "loss": float("nan")}, {"taskName": "bert", "step": 2, "loss": "-inf"}
    )
    assert counter.rows("SELECT value, flag FROM metric_points ORDER BY step") == [
        (None, "nan"),
        (None, "-inf"),
    ]
    assert counter.one("SELECT count(*) FROM notifications WHERE level = 'warning'") == 1


def test_an_end_has_a_reason_and_a_toast(counter: Counter):
    counter.send({"taskName": "bert", "progress": 0.5})
    counter.send({"taskName": "bert", "status": "failed", "message": "exit code 1"})
    assert counter.rows("SELECT training_status, status_reason FROM tasks") == [("failed", "exit code 1")]
    assert counter.rows("SELECT level, title, message FROM notifications ORDER BY id DESC LIMIT 1") == [
        ("error", "Training Failed", "bert: exit code 1")
    ]


def test_a_new_attempt_has_its_own_curve_and_keeps_the_old_one(counter: Counter):
    counter.send({"taskName": "bert", "step": 5, "loss": 1.0})
    counter.send({"taskName": "bert", "status": "done"})
    counter.send({"taskName": "bert", "step": 1, "loss": 9.0})
    assert counter.rows("SELECT attempt, step, value FROM metric_points ORDER BY attempt") == [
        (1, 5, 1.0),
        (2, 1, 9.0),
    ]
    assert counter.rows("SELECT attempt, status FROM job_attempts ORDER BY attempt") == [
        (1, "complete"),
        (2, "running"),
    ]


def test_late_points_of_an_ended_attempt_are_kept_and_its_state_stands(counter: Counter):
    counter.send({"taskName": "bert", "step": 5, "loss": 1.0, "progress": 1.0, "status": "done"})
    counter.send({"taskName": "bert", "step": 4, "loss": 1.5, "progress": 0.8})
    assert counter.rows("SELECT training_status, progress, attempt FROM tasks") == [("complete", 1.0, 1)]
    assert counter.one("SELECT count(*) FROM metric_points") == 2


def test_each_commit_raises_the_revision_once_and_tells_where_it_came_from(counter: Counter):
    counter.send({"taskName": "bert", "loss": 1}, {"taskName": "bert", "loss": 2})
    counter.send({"taskName": "bert", "loss": 3})
    (event,) = counter.events
    assert isinstance(event, TaskChanged)
    assert (event.from_revision, event.task.revision) == (1, 2)
    assert event.points is not None
    assert [(name, step) for name, step, *_ in event.points] == [("loss", 3)]
    assert counter.one("SELECT revision FROM tasks") == 2


def test_late_points_ask_the_page_to_fetch(counter: Counter):
    counter.send({"taskName": "bert", "step": 5, "loss": 1})
    counter.send({"taskName": "bert", "step": 3, "loss": 1})
    (event,) = counter.events
    assert isinstance(event, TaskChanged)
    assert event.points is None


def test_a_point_in_the_place_of_the_last_is_told_as_it_is(counter: Counter):
    counter.send({"taskName": "bert", "step": 5, "loss": 1, "accuracy": 0.5})
    counter.send({"taskName": "bert", "step": 5, "loss": 2})
    (event,) = counter.events
    assert isinstance(event, TaskChanged)
    assert event.points is not None
    assert [point[:4] for point in event.points] == [("loss", 5, None, 2.0)]


def test_a_timestamp_dates_the_points_of_columns_as_it_does_single_ones(counter: Counter):
    then = "2026-01-30T09:00:00Z"
    task = counter.task_of(
        {"taskName": "late", "timestamp": then, "series": {"loss": {"steps": [1, 2], "values": [2, 1]}}}
    )
    counter.send({"taskName": "late", "timestamp": then, "step": 3, "loss": 0.5})
    dates = counter.rows("SELECT DISTINCT created_at FROM metric_points WHERE task_id = :id", id=task)
    assert len(dates) == 1
    assert str(dates[0][0]).startswith("2026-01-30")
