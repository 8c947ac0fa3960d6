"""`/api/tasks` and `/api/training`: what there is, and what a person changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from trainwatch.api.body import parse_json
from trainwatch.api.http import json_response, read_body
from trainwatch.api.operation import Operation, query
from trainwatch.domain.edit import Edit
from trainwatch.domain.status import Status, parse_status
from trainwatch.domain.text import is_storable
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.services import look
from trainwatch.services.edit import ask_to_stop, edit_task
from trainwatch.services.export import FORMATS, export_task
from trainwatch.store.engine import Database
from trainwatch.store.series import CurveQuery
from trainwatch.store.tasks import ACTIVE, SORTS, TaskFilter
from trainwatch.store.writer import Writer

LARGEST_ID = 2**63 - 1
MOST_TASKS = 1_000
MOST_POINTS = 10_000

_LIST_PARAMETERS = (
    query("q", "string", "Words that title, reported name or tags must hold."),
    query("status", "string", "States to show, separated by commas; `active` for all that have not ended."),
    query("sort", "string", "What comes first.", enum=list(SORTS)),
    query("limit", "integer", "Most tasks to return.", minimum=1, maximum=MOST_TASKS, default=100),
    query("offset", "integer", "Tasks to pass over.", minimum=0, default=0),
)
_CURVE_PARAMETERS = (
    query("name", "string", "The series; without it {step, epoch, loss, accuracy} of each step is returned."),
    query("points", "integer", "Most points to draw.", minimum=2, maximum=MOST_POINTS, default=1000),
    query("from", "integer", "First step.", minimum=0),
    query("to", "integer", "Last step.", minimum=0),
    query("since", "integer", "Only steps after this one.", minimum=0),
    query("attempt", "integer", "Which attempt; the current one unless said.", minimum=1),
)
_EDIT_SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "What people read; empty gives back the reported one."},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "Words to find it by."},
        "notes": {"type": "string", "description": "Anything worth remembering."},
    },
}
_STOP_SCHEMA = {
    "type": "object",
    "properties": {"stop": {"type": "boolean", "description": "False takes the wish back.", "default": True}},
}


def task_operations(database: Database, writer: Writer) -> list[Operation]:
    """Return the operations on tasks."""

    async def list_tasks(request: Request) -> Response:
        wanted, sort, limit, offset = parse_list_query(request.query_params)
        return json_response(
            await asyncio.to_thread(look.overview, database, wanted, sort=sort, limit=limit, offset=offset)
        )

    async def show_task(request: Request) -> Response:
        return json_response(await asyncio.to_thread(look.task_whole, database, parse_id(request)))

    async def change_task(request: Request) -> Response:
        task_id, changes = parse_id(request), parse_edit(await _object(request))
        await writer.submit(lambda work: edit_task(work, task_id, changes))
        return json_response(await asyncio.to_thread(look.task_whole, database, task_id))

    async def stop_task(request: Request) -> Response:
        task_id, body = parse_id(request), await _object(request)
        stop = body.get("stop", True)
        if not isinstance(stop, bool):
            raise BadRequestError("stop must be true or false", field="stop")
        await writer.submit(lambda work: ask_to_stop(work, task_id, stop=stop))
        return json_response({"ok": True, "taskId": task_id, "stop": stop})

    async def show_metrics(request: Request) -> Response:
        task_id = parse_id(request)
        if "name" not in request.query_params:
            return json_response(await asyncio.to_thread(look.metrics, database, task_id))
        wanted = parse_curve_query(request.query_params)
        return json_response(await asyncio.to_thread(look.curve, database, task_id, wanted))

    async def export(request: Request) -> Response:
        task_id = parse_id(request)
        kind = request.query_params.get("format", "csv")
        if kind not in FORMATS:
            raise BadRequestError(f"format must be one of {', '.join(FORMATS)}", field="format")
        if await asyncio.to_thread(look.task_only, database, task_id) is None:
            raise NotFoundError(f"there is no task {task_id}", field="id")
        return StreamingResponse(
            cast("AsyncIterator[str]", export_task(database, task_id, kind)),
            media_type=FORMATS[kind],
            headers={"Content-Disposition": f'attachment; filename="trainwatch-task-{task_id}.{kind}"'},
        )

    read, annotate = Right.READ, Right.ANNOTATE
    return [
        Operation("GET", "/api/tasks", list_tasks, right=read, parameters=_LIST_PARAMETERS,
                  summary="Tasks in order, with counts, GPUs and notifications."),
        Operation("GET", "/api/tasks/{id}", show_task, right=read,
                  summary="One task with its history, attempts and series."),
        Operation("PATCH", "/api/tasks/{id}", change_task, right=annotate, body=_EDIT_SCHEMA,
                  summary="Change the title, tags or notes of a task."),
        Operation("POST", "/api/tasks/{id}/stop", stop_task, right=annotate, body=_STOP_SCHEMA,
                  summary="Ask the task's script to stop: its next report is answered with it."),
        Operation("GET", "/api/tasks/{id}/export", export, right=read,
                  parameters=(query("format", "string", "How to write it.", enum=list(FORMATS)),),
                  summary="Every point of a task, as a file."),
        Operation("GET", "/api/training/{id}/metrics", show_metrics, right=read, parameters=_CURVE_PARAMETERS,
                  summary="The points of a task: all steps, or one series reduced for a screen."),
    ]  # fmt: skip


def parse_id(request: Request) -> int:
    """Return the id in the path.

    Raises:
        NotFoundError: If it cannot be one.
    """
    text: str = request.path_params["id"]
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_ID):
        raise NotFoundError(f"there is no task {text[:40]}", field="id")
    return int(text)


def parse_list_query(params: Mapping[str, str]) -> tuple[TaskFilter, str, int, int]:
    """Return filter, sort, limit and offset.

    Raises:
        BadRequestError: If one of them makes no sense.
    """
    sort = params.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise BadRequestError(f"sort must be one of {', '.join(SORTS)}", field="sort")
    wanted = TaskFilter(text=_text(params, "q"), statuses=_statuses(params.get("status", "")))
    limit = _whole(params, "limit", 1, MOST_TASKS)
    offset = _whole(params, "offset", 0, LARGEST_ID)
    return wanted, sort, 100 if limit is None else limit, offset or 0


def parse_curve_query(params: Mapping[str, str]) -> CurveQuery:
    """Return which curve is wanted.

    Raises:
        BadRequestError: If a parameter makes no sense.
    """
    return CurveQuery(
        name=_text(params, "name"),
        points=_whole(params, "points", 2, MOST_POINTS) or 1000,
        first=_whole(params, "from", 0, LARGEST_ID),
        last=_whole(params, "to", 0, LARGEST_ID),
        since=_whole(params, "since", 0, LARGEST_ID),
        attempt=_whole(params, "attempt", 1, 2**31 - 1),
    )


def parse_edit(body: Mapping[str, object]) -> Edit:
    """Return the changes that `body` asks for.

    Raises:
        BadRequestError: If a value has the wrong kind.
    """
    changes: dict[str, Any] = {}
    for field, is_right, kind in _EDITABLE:
        if field in body:
            value = body[field]
            if not is_right(value):
                raise BadRequestError(f"{field} must be {kind}", field=field)
            changes[field] = tuple(cast("list[str]", value)) if isinstance(value, list) else value
    if not changes:
        raise BadRequestError("nothing to change: send title, tags or notes", field="body")
    return Edit(**changes)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and is_storable(value)


def _is_text_or_null(value: object) -> bool:
    return value is None or _is_text(value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in cast("list[object]", value))


_EDITABLE: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("title", _is_text_or_null, "a text without NUL"),
    ("tags", _are_texts, "a list of texts without NUL"),
    ("notes", _is_text_or_null, "a text without NUL"),
)


def _statuses(words: str) -> tuple[Status, ...] | None:
    if not words:
        return None
    statuses: list[Status] = []
    for word in words.split(","):
        status = parse_status(word)
        if word == "active":
            statuses.extend(ACTIVE)
        elif status is None:
            raise BadRequestError(f"status must be `active` or of {', '.join(Status)}", field="status")
        else:
            statuses.append(status)
    return tuple(statuses)


def _text(params: Mapping[str, str], name: str) -> str:
    text = params.get(name, "")
    if len(text) > 200 or "\0" in text:
        raise BadRequestError(f"{name} must be at most 200 characters, none of them NUL", field=name)
    return text


def _whole(params: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadRequestError(f"{name} must be a whole number from {least} to {most}", field=name)
    return int(text)


async def _object(request: Request) -> dict[str, object]:
    body = await read_body(request.receive)
    content = parse_json(body) if body.strip() else {}
    if not isinstance(content, dict):
        raise BadRequestError("the body must be a JSON object", field="body")
    return cast("dict[str, object]", content)
