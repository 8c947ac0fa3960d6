import math
from datetime import UTC, datetime

import pytest

from trainwatch.domain.payload import json_schema, parse
from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Column, GpuReading, Note, Point, Report
from trainwatch.domain.status import Status, TaskType
from trainwatch.errors import InvalidReportError, TooLargeError

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
RICH = {
    "taskName": "bert",
    "title": "BERT, second try",
    "overwriteTitle": True,
    "runId": "run-1",
    "attempt": 2,
    "gpuName": "A100",
    "host": "node-1",
    "type": "training",
    "status": "in_progress",
    "message": "warming up",
    "progress": 45,
    "currentEpoch": 4,
    "totalEpochs": 10,
    "currentStep": 400,
    "totalSteps": 1000,
    "eta": "12 min",
    "metrics": {"loss": 0.5},
    "gpu": {"utilization": 90, "memoryUsed": 1, "memoryTotal": 2, "temperature": 60.5, "power": "300"},
    "eventId": "e-1",
    "timestamp": "2025-03-01T12:00:00Z",
}
STRICT = Report(
    name="bert",
    title="BERT, second try",
    overwrite_title=True,
    run_id="run-1",
    attempt=2,
    gpu_name="A100",
    host="node-1",
    type=TaskType.TRAINING,
    status=Status.RUNNING,
    message="warming up",
    progress=Progress(0.45, "percent"),
    current_epoch=4,
    total_epochs=10,
    current_step=400,
    total_steps=1000,
    eta_seconds=720,
    points=(Point("loss", 0.5, 400, 4, None, AT),),
    gpu=GpuReading(
        utilization_percent=90,
        memory_used_bytes=1,
        memory_total_bytes=2,
        temperature_celsius=60.5,
        power_watts=300,
    ),
    event_id="e-1",
    at=AT,
)


def report(**payload) -> Report:
    parsed = parse({"taskName": "bert", **payload})
    assert isinstance(parsed, Report)
    return parsed


def refusal(payload) -> InvalidReportError | TooLargeError:
    with pytest.raises((InvalidReportError, TooLargeError)) as caught:
        parse(payload)
    return caught.value


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_a_rich_report_says_everything():
    assert parse(RICH) == STRICT


def test_snake_case_says_the_same():
    gpu = {snake(name): value for name, value in RICH["gpu"].items()}
    assert parse({**{snake(name): value for name, value in RICH.items()}, "gpu": gpu}) == STRICT


def test_a_form_that_sends_only_texts_says_the_same():
    form = {name: str(value) for name, value in RICH.items() if not isinstance(value, dict)}
    assert parse({**form, "metrics": RICH["metrics"], "gpu": RICH["gpu"]}) == STRICT


def test_null_is_absent_everywhere():
    assert parse({**dict.fromkeys(RICH), "taskName": "bert"}) == Report(name="bert")
    assert report(metrics={"loss": None}, gpu={"power": None}, series={"loss": None}) == Report(name="bert")


def test_unknown_keys_are_ignored():
    assert report(whatever={"a": [1]}, task="x", name="y") == Report(name="bert")


def test_names_are_stripped_and_an_empty_one_is_absent():
    assert report(gpuName="  ", host=" node ") == Report(name="bert", host="node")


@pytest.mark.parametrize("word", ["start", "Started", " STARTED "])
def test_the_words_that_begin_an_attempt_are_told_apart(word):
    assert (report(status=word).status, report(status=word).starts) == (Status.RUNNING, True)
    assert not report(status="running").starts


@pytest.mark.parametrize("eta", ["?", "", "--:--", "N/A", "unknown", None])
def test_an_eta_that_the_sender_does_not_know_is_absent(eta):
    assert report(eta=eta).eta_seconds is None


@pytest.mark.parametrize(
    ("raw", "flag"), [(True, True), ("true", True), (1, True), ("0", False), ("no", False)]
)
def test_yes_and_no_have_many_spellings(raw, flag):
    assert report(overwriteTitle=raw).overwrite_title is flag


def test_the_unit_of_progress_counts_wherever_it_stands():
    assert report(progress=1, progressUnit="percent").progress == Progress(0.01, "percent")
    assert report(progress_unit="percent", progress=1).progress == Progress(0.01, "percent")


def test_an_integer_may_identify_a_run():
    assert report(runId=42, eventId=7) == Report(name="bert", run_id="42", event_id="7")


def test_of_two_spellings_the_first_in_the_table_wins_in_any_order():
    assert report(epoch=1, currentEpoch=2).current_epoch == 2
    assert report(currentEpoch=2, epoch=1).current_epoch == 2
    assert report(task_name="other").name == "bert"


def test_points_carry_the_step_the_epoch_and_the_time_of_their_report():
    said = report(loss=1, step=7, currentStep=9, epoch="3", timestamp=AT.timestamp())
    assert said.points == (Point("loss", 1.0, 7, 3, None, AT),)
    assert said.current_step == 9


def test_step_is_also_the_current_step():
    assert report(step=7).current_step == 7
    assert report(currentStep=7, loss=1).points[0].step == 7


def test_without_a_step_a_point_takes_the_next_one():
    assert report(loss=1).points == (Point("loss", 1.0),)


def test_shorthands_are_metrics_and_metrics_go_first():
    said = report(loss=9, accuracy="0.5", lr=1e-4, metrics={"loss": 1, "f1": 2})
    assert {point.name: point.value for point in said.points} == {
        "loss": 1,
        "f1": 2,
        "accuracy": 0.5,
        "learning_rate": 1e-4,
    }


@pytest.mark.parametrize("spelling", ["learningRate", "learning_rate", "lr"])
def test_the_learning_rate_has_one_name(spelling):
    assert report(**{spelling: 0.1}).points == (Point("learning_rate", 0.1),)


def test_the_learning_rate_has_one_name_among_metrics_too():
    assert report(metrics={"learningRate": 0.1}).points == (Point("learning_rate", 0.1),)


def test_nonfinite_metrics_are_flagged_and_never_numbers():
    said = report(loss="NaN", metrics={"a": math.inf, "b": -math.inf})
    assert {(point.name, point.value, point.flag) for point in said.points} == {
        ("loss", None, "nan"),
        ("a", None, "inf"),
        ("b", None, "-inf"),
    }


def test_a_series_is_sorted_and_the_last_of_a_repeated_step_wins():
    said = report(series={"loss": {"steps": [3, "1", 2.0, 3], "values": [9, 1, "nan", 3]}})
    assert said.columns == (Column("loss", (1, 2, 3), (1.0, None, 3.0), {1: "nan"}),)


def test_a_series_without_steps_goes_on_from_the_last():
    said = report(series={"loss": {"values": [3, None, 1]}})
    assert said.columns == (Column("loss", (), (3.0, 1.0), {}),)


@pytest.mark.parametrize("series", [{}, {"loss": {"steps": [], "values": []}}, {"loss": {"values": [None]}}])
def test_an_empty_series_says_nothing(series):
    assert report(series=series) == Report(name="bert")


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"taskName": ["a"]}, "taskName"),
        ({"task_name": "a\0b"}, "task_name"),
        ({"taskName": "\ud800"}, "taskName"),
        ({"taskName": "a", "gpuName": 7}, "gpuName"),
        ({"taskName": "a", "runId": True}, "runId"),
        ({"taskName": "a", "progress": 101}, "progress"),
        ({"taskName": "a", "progress": True}, "progress"),
        ({"taskName": "a", "progress": math.nan}, "progress"),
        ({"taskName": "a", "progress": 45, "progressUnit": "fraction"}, "progress"),
        ({"taskName": "a", "progressUnit": "steps"}, "progressUnit"),
        ({"taskName": "a", "currentEpoch": -1}, "currentEpoch"),
        ({"taskName": "a", "total_steps": True}, "total_steps"),
        ({"taskName": "a", "step": 2**53}, "step"),
        ({"taskName": "a", "attempt": "two"}, "attempt"),
        ({"taskName": "a", "eta": -1}, "eta"),
        ({"taskName": "a", "eta": "soon"}, "eta"),
        ({"taskName": "a", "status": "exploded"}, "status"),
        ({"taskName": "a", "type": "info"}, "type"),
        ({"taskName": "a", "timestamp": 12}, "timestamp"),
        ({"taskName": "a", "host": {}}, "host"),
        ({"taskName": "a", "overwriteTitle": "perhaps"}, "overwriteTitle"),
        ({"taskName": "a", "metrics": [1]}, "metrics"),
        ({"taskName": "a", "metrics": {"": 1}}, "metrics"),
        ({"taskName": "a", "metrics": {"\ud800": 1}}, "metrics"),
        ({"taskName": "a", "metrics": {"f1": True}}, "metrics.f1"),
        ({"taskName": "a", "metrics": {"f1": 10**400}}, "metrics.f1"),
        ({"taskName": "a", "loss": "1e400"}, "loss"),
        ({"taskName": "a", "gpu": "A100"}, "gpu"),
        ({"taskName": "a", "gpu": {"utilization": 101}}, "gpu.utilization"),
        ({"taskName": "a", "gpu": {"memory_used": -1}}, "gpu.memory_used"),
        ({"taskName": "a", "gpu": {"power": math.inf}}, "gpu.power"),
        ({"taskName": "a", "series": []}, "series"),
        ({"taskName": "a", "series": {"loss": 1}}, "series.loss"),
        ({"taskName": "a", "series": {"loss": {"steps": [1]}}}, "series.loss.values"),
        ({"taskName": "a", "series": {"loss": {"steps": [1], "values": []}}}, "series.loss.steps"),
        ({"taskName": "a", "series": {"loss": {"steps": [None], "values": [1]}}}, "series.loss.steps"),
        ({"taskName": "a", "series": {"loss": {"steps": "1", "values": "1"}}}, "series.loss.values"),
        ({"title": "a", "message": 7}, "message"),
    ],
)
def test_what_cannot_be_understood_is_refused_as_the_sender_spelt_it(payload, field):
    error = refusal(payload)
    assert isinstance(error, InvalidReportError)
    assert error.field == field


@pytest.mark.parametrize("field", ["taskName", "title", "runId", "gpuName", "host", "eventId"])
def test_names_may_have_two_hundred_characters(field):
    assert parse({"taskName": "a", field: "x" * 200})
    error = refusal({"taskName": "a", field: "x" * 201})
    assert (type(error), error.field) == (TooLargeError, field)


def test_a_message_may_have_ten_thousand_characters():
    assert report(message="x" * 10_000)
    assert isinstance(refusal({"title": "a", "message": "x" * 10_001}), TooLargeError)


def test_a_report_may_have_256_metrics():
    metrics = {f"m{number}": number for number in range(256)}
    assert len(report(metrics=metrics).points) == 256
    for more in ({"metrics": {**metrics, "one": 1}}, {"loss": 1}, {"series": {"one": {"values": [1]}}}):
        assert isinstance(refusal({"taskName": "a", "metrics": metrics, **more}), TooLargeError)
    assert isinstance(refusal({"taskName": "a", "metrics": {"x" * 201: 1}}), TooLargeError)


@pytest.mark.parametrize("status", ["exploded", "firing", ["x"]])
def test_an_unknown_status_is_refused_with_the_known_words(status):
    error = refusal({"taskName": "a", "progress": 0.5, "status": status})
    assert "in_progress" in error.message


def test_an_unknown_status_is_ignored_beside_a_message():
    assert report(taskName="a", message="boom", status="exploded").status is None


def test_a_fractional_epoch_as_trainers_log_it_is_the_epoch_that_is_under_way():
    assert report(epoch=0.53).current_epoch == 0
    assert report(epoch="2.99").current_epoch == 2


@pytest.mark.parametrize(
    "payload",
    [
        {"taskName": "a"},
        {"runId": "r", "title": "a"},
        {"title": "a", "progress": 1},
        {"title": "a", "epoch": 0},
        {"title": "a", "message": "b", "loss": 0.1},
        {"title": "a", "series": {"loss": {"values": [1]}}},
        {"gpuName": "A100", "gpu": {"power": 1}},
        {"gpuName": "A100", "loss": 0.1},
        {"gpuName": "A100", "host": "node-1"},
    ],
)
def test_what_tells_of_a_task_or_a_gpu_is_a_report(payload):
    assert isinstance(parse(payload), Report)


def test_a_title_with_training_fields_is_also_the_name():
    assert parse({"title": "a", "progress": 0.5}) == Report(
        name="a", title="a", progress=Progress(0.5, "fraction")
    )
    assert parse({"title": "a", "runId": "r"}) == Report(title="a", run_id="r")


def test_training_fields_alone_are_about_nothing():
    for payload in ({"loss": 0.1}, {"progress": 0.5, "host": "node"}, {"gpu": {"power": 1}}):
        error = refusal(payload)
        assert error.field == "taskName"
        assert "taskName" in error.message


@pytest.mark.parametrize(
    "payload",
    [
        *(
            {},
            {"foo": 1},
            {"status": "running"},
            {"type": "training"},
            {"status": "exploded"},
            {"host": "node"},
        ),
        *(
            {"eventId": "e", "timestamp": 12},
            {"attempt": 1},
            {"taskName": " "},
            {"title": None},
            {"metrics": {}},
        ),
    ],
)
def test_what_says_nothing_is_refused_with_the_least_to_send(payload):
    error = refusal(payload)
    assert error.field == "taskName"
    assert "title" in error.message


@pytest.mark.parametrize(
    ("payload", "note"),
    [
        ({"title": "Done", "message": "all of it"}, Note(title="Done", message="all of it")),
        ({"title": "Done"}, Note(title="Done")),
        ({"message": "x"}, Note(title="x")),
        ({"message": "first\nsecond"}, Note(title="first", message="first\nsecond")),
        ({"text": "from Slack", "channel": "#ml"}, Note(title="from Slack")),
        ({"content": "from Discord", "embeds": []}, Note(title="from Discord")),
        ({"title": "a", "message": "b", "gpuName": "A100"}, Note(title="a", message="b")),
        ({"title": "a", "metrics": {"loss": None}}, Note(title="a")),
        (
            {"version": "1.0", "title": "a", "message": "b", "attachments": [], "type": "info"},
            Note(title="a", message="b", level="info"),
        ),
        ({"title": "a", "type": "failure"}, Note(title="a", level="error")),
        ({"title": "a", "type": "warning"}, Note(title="a", level="warning")),
        ({"title": "a", "type": "success"}, Note(title="a", level="success")),
        ({"title": "a", "status": "failed"}, Note(title="a", level="error")),
        ({"title": "a", "status": "who knows", "type": 7}, Note(title="a")),
        ({"title": "a", "host": 7, "timestamp": "yesterday"}, Note(title="a")),
        (
            {"title": "a", "host": "node", "timestamp": AT.isoformat(), "eventId": "e"},
            Note(title="a", host="node", at=AT, event_id="e"),
        ),
    ],
)
def test_titles_and_messages_without_training_are_notifications(payload, note):
    assert parse(payload) == note


@pytest.mark.parametrize(("status", "level"), [("firing", "error"), ("resolved", "success")])
def test_an_alert_of_grafana_is_a_notification(status, level):
    alert = {
        "receiver": "trainwatch",
        "status": status,
        "orgId": 1,
        "alerts": [{"status": status, "labels": {"alertname": "hot"}, "startsAt": "2025-03-01T12:00:00Z"}],
        "groupLabels": {},
        "commonLabels": {"alertname": "hot"},
        "commonAnnotations": {},
        "externalURL": "http://grafana/",
        "version": "1",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "title": "[FIRING:1] hot",
        "state": "alerting",
        "message": "**Firing**\n\nValue: A=92",
    }
    assert parse(alert) == Note(title="[FIRING:1] hot", message="**Firing**\n\nValue: A=92", level=level)


def test_a_long_first_line_is_cut_to_a_title():
    note = parse({"text": "x" * 500})
    assert isinstance(note, Note)
    assert len(note.title) == 200
    assert note.message == "x" * 500


def test_the_schema_describes_every_field_that_is_read():
    properties = json_schema()["properties"]
    assert set(RICH) <= set(properties)
    assert set(RICH["gpu"]) <= set(properties["gpu"]["properties"])
    assert all(each["description"] for each in properties.values())
    assert "task_name" in properties["taskName"]["description"]


def test_the_schema_can_be_changed_without_changing_the_next():
    json_schema()["properties"]["gpu"]["description"] = "changed"
    assert json_schema()["properties"]["gpu"]["description"] != "changed"
