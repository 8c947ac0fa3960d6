"""`/api/tasks`: what there is, and what a person changes."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import actor_of, identity_of, json_response, not_written_response, read_object
from trainwatch.api.operation import Operation
from trainwatch.api.queries import LIST_PARAMETERS, parse_id, parse_list_query
from trainwatch.domain.edit import MARKED_ENDS, Edit
from trainwatch.domain.text import is_storable
from trainwatch.door.rights import Right
from trainwatch.door.task_control import TaskControl
from trainwatch.errors import BadRequestError
from trainwatch.services import look
from trainwatch.services.edit import archive_task, delete_task, edit_task
from trainwatch.services.sent_logs import has_log
from trainwatch.services.views import View
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

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

_END_SCHEMA = {
    "type": "object",
    "properties": {"status": {"type": "string", "enum": [*MARKED_ENDS], "description": "How it ended."}},
    "required": ["status"],
}

_ARCHIVE_SCHEMA = {
    "type": "object",
    "properties": {"archive": {"type": "boolean", "description": "False brings it back.", "default": True}},
}


def task_operations(
    database: Database, writer: Writer, control: TaskControl, attempts: Path
) -> list[Operation]:
    """Return the operations on tasks; logs are in the folders of `attempts`."""

    def whole(task_id: int) -> View:
        view = look.task_whole(database, task_id)
        numbers = {view["attempt"], *(each["attempt"] for each in view["attempts"])}
        return {**view, "hasLog": has_log(attempts, task_id, numbers)}

    async def list_tasks(request: Request) -> Response:
        wanted, sort, limit, offset = parse_list_query(request.query_params)

        def read() -> View:
            return look.overview(database, wanted, now=writer.now(), sort=sort, limit=limit, offset=offset)

        return json_response(await asyncio.to_thread(read))

    async def show_task(request: Request) -> Response:
        return json_response(await asyncio.to_thread(whole, parse_id(request)))

    async def change_task(request: Request) -> Response:
        task_id, actor, changes = parse_id(request), actor_of(request), parse_edit(await read_object(request))
        await writer.submit(lambda work: edit_task(work, actor, task_id, changes))
        return json_response(await asyncio.to_thread(whole, task_id))

    async def stop_task(request: Request) -> Response:
        task_id, stop = parse_id(request), parse_flag(await read_object(request), "stop")
        is_written = await control.stop(identity_of(request), task_id, stop=stop)
        answer = {"ok": True, "taskId": task_id, "stop": stop}
        return json_response(answer) if is_written else not_written_response(answer)

    async def mark_task_ended(request: Request) -> Response:
        task_id, body = parse_id(request), await read_object(request)
        status = await control.end(identity_of(request), task_id, body.get("status"))
        return json_response({"ok": True, "taskId": task_id, "status": status})

    async def put_task_away(request: Request) -> Response:
        task_id, actor = parse_id(request), actor_of(request)
        archived = parse_flag(await read_object(request), "archive")
        await writer.submit(lambda work: archive_task(work, actor, task_id, archived=archived))
        return json_response({"ok": True, "taskId": task_id, "archived": archived})

    async def remove_task(request: Request) -> Response:
        task_id, actor = parse_id(request), actor_of(request)
        await writer.submit(lambda work: delete_task(work, actor, task_id))
        return json_response({"ok": True, "taskId": task_id})

    return [
        Operation(
            "GET /api/tasks",
            list_tasks,
            right=Right.READ,
            summary="Tasks in order, with counts, GPUs and notifications.",
            parameters=LIST_PARAMETERS,
        ),
        Operation(
            "GET /api/tasks/{id}",
            show_task,
            right=Right.READ,
            summary="One task with its history, attempts and series.",
        ),
        Operation(
            "PATCH /api/tasks/{id}",
            change_task,
            right=Right.ANNOTATE,
            summary="Change the title, tags or notes of a task.",
            body=_EDIT_SCHEMA,
        ),
        Operation(
            "POST /api/tasks/{id}/stop",
            stop_task,
            right=Right.ANNOTATE,
            summary="Ask the task's script to stop: its next report is answered with it. A job is stopped.",
            body=_STOP_SCHEMA,
        ),
        Operation(
            "POST /api/tasks/{id}/end",
            mark_task_ended,
            right=Right.ANNOTATE,
            summary="Mark a task as failed or stopped whose program will not say so itself.",
            body=_END_SCHEMA,
        ),
        Operation(
            "POST /api/tasks/{id}/archive",
            put_task_away,
            right=Right.OPERATE,
            summary="Take a task out of the lists, or bring it back; its data stays.",
            body=_ARCHIVE_SCHEMA,
        ),
        Operation(
            "DELETE /api/tasks/{id}",
            remove_task,
            right=Right.OPERATE,
            summary="Delete a task with its points and history, for good.",
        ),
    ]


def parse_edit(body: Mapping[str, object]) -> Edit:
    """Return the changes that `body` asks for.

    Raises:
        BadRequestError: If a value has the wrong kind, or there is none.
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


def parse_flag(body: Mapping[str, object], field: str) -> bool:
    """Return what `body` says in `field`; true unless it says otherwise.

    Raises:
        BadRequestError: If it says something else than true or false.
    """
    flag = body.get(field, True)
    if not isinstance(flag, bool):
        raise BadRequestError(f"{field} must be true or false", field=field)
    return flag


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
