"""A whole task as a file, in pieces, however many points it has."""

import csv
import io
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from trainwatch.domain.text import as_line
from trainwatch.errors import NotFoundError
from trainwatch.store.engine import Database
from trainwatch.store.history import list_attempts, list_events
from trainwatch.store.tables import METRIC_POINTS
from trainwatch.store.tasks import find_task
from trainwatch.store.tracked import TrackedTask, find_tracked

FORMATS: Mapping[str, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Media types by the name of the format."""

POINT_FIELDS = ("attempt", "name", "step", "epoch", "value", "flag", "created_at")

_POINTS_AT_ONCE = 2_000
_MOST_EVENTS = 100_000
_BEGINS_A_FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001 - spreadsheets in Japan take the full-width ones too
_JSON = orjson.OPT_UTC_Z


def export_task(database: Database, task_id: int, kind: str) -> Generator[str]:
    """Yield the text of a file of `kind`, one of `FORMATS`, with every point of every attempt.

    A CSV file has the points alone, one a line, and a text in it that a spreadsheet would take for a formula
    has an apostrophe before it; JSON has the task with its attempts, its
    history and what its tracker told too.
    All of it is of one moment.

    Raises:
        NotFoundError: If there is no such task.
    """
    with database.reading() as connection:
        yield from _csv(connection, task_id) if kind == "csv" else _json(connection, task_id)


def _csv(connection: Connection, task_id: int) -> Iterator[str]:
    _described(connection, task_id)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(POINT_FIELDS)
    for rows in _points(connection, task_id):
        writer.writerows(_cells(row) for row in rows)
        yield _taken(buffer)
    yield _taken(buffer)


def _json(connection: Connection, task_id: int) -> Iterator[str]:
    described = orjson.dumps(_described(connection, task_id), option=_JSON).decode()
    yield f'{described[:-1]},"points":['
    separator = ""
    for rows in _points(connection, task_id):
        points = [
            orjson.dumps(_camel(dict(zip(POINT_FIELDS, row, strict=True))), option=_JSON) for row in rows
        ]
        yield separator + b",\n".join(points).decode()
        separator = ",\n"
    yield "]}\n"


def _described(connection: Connection, task_id: int) -> dict[str, Any]:
    """Return everything but the points."""
    task = find_task(connection, task_id)
    if task is None:
        raise NotFoundError(f"there is no task {task_id}", field="id")
    facts = asdict(task)
    del facts["pace"], facts["rhythm"]
    events = list_events(connection, task_id, limit=_MOST_EVENTS, with_log=True)
    tracked = find_tracked(connection, task_id, events=0)
    return {
        "task": _camel(facts),
        "attempts": [_camel(asdict(attempt)) for attempt in list_attempts(connection, task_id)],
        "tracked": None if tracked is None else _tracked(tracked),
        "events": [_camel(asdict(line)) for line in events],
    }


def _tracked(tracked: TrackedTask) -> dict[str, Any]:
    """Return how a tracked task stands; its events are among those of the task."""
    facts = asdict(tracked.progress)
    del facts["events"]
    facts["criteria"] = [_camel(each) for each in facts["criteria"]]
    facts["action"] = None if facts["action"] is None else _camel(facts["action"])
    return {"attempt": tracked.attempt, **_camel(facts)}


def _points(connection: Connection, task_id: int) -> Iterator[list[Row[Any]]]:
    columns = METRIC_POINTS.c
    query = (
        select(*(columns[name] for name in POINT_FIELDS))
        .where(columns.task_id == task_id)
        .order_by(columns.attempt, columns.name, columns.step)
        .execution_options(yield_per=_POINTS_AT_ONCE)
    )
    for rows in connection.execute(query).partitions():
        yield list(rows)


def _camel(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return `facts` under names as the API spells them."""
    return {_camel_name(name): value for name, value in facts.items()}


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _cells(row: Row[Any]) -> tuple[Any, ...]:
    """Return a point as the cells of a line. Its flag is one of three words, and as good as a number."""
    attempt, name, *numbers, at = tuple[Any, ...](row)
    return (attempt, _inert(name), *numbers, at.isoformat().replace("+00:00", "Z"))


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, by OWASP's advice: an apostrophe before it.

    A tab or a line end, behind which one could begin as well, is written out.
    """
    line = as_line(text)
    return f"'{line}" if line.startswith(_BEGINS_A_FORMULA) else line


def _taken(buffer: io.StringIO) -> str:
    """Return what is in `buffer`, and empty it."""
    taken = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return taken
