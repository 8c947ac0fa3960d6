"""`/api/tasks/{id}/log`: what an attempt of a task has printed; that of a job also as `/api/training/jobs/{id}/log`."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.download import Downloads
from trainwatch.api.http import caller_of, json_response, read_body, require_any_task
from trainwatch.api.operation import Operation, query
from trainwatch.api.queries import LARGEST, MOST_ATTEMPTS, parse_id, short_text, whole_number
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError
from trainwatch.services import look
from trainwatch.services.logs import LINES_SHOWN, MOST_LINES, Logs, Look, raw_log
from trainwatch.services.sent_logs import SentLogs
from trainwatch.store.engine import Database

_ATTEMPT = query("attempt", "integer", "Which attempt; the current one unless said.", minimum=1)
_LOOK_PARAMETERS = (
    _ATTEMPT,
    query("tail", "integer", "The last lines, so many.", minimum=1, maximum=MOST_LINES, default=LINES_SHOWN),
    query("after", "integer", "What came since an answer whose `next` this was.", minimum=0),
    query("from", "integer", "The first line of those wanted.", minimum=0),
    query("before", "integer", "The line after the last of those wanted.", minimum=1),
    query("count", "integer", "Most lines.", minimum=1, maximum=MOST_LINES, default=LINES_SHOWN),
)
_SEARCH_PARAMETERS = (
    query("q", "string", "The text, whatever its capitals.", minLength=1) | {"required": True},
    _ATTEMPT,
    query("before", "integer", "Only lines before this one.", minimum=1),
)


class _Shelf(NamedTuple):
    """Where logs are, and who reads them."""

    database: Database
    attempts: Path
    logs: Logs
    downloads: Downloads


def log_operations(database: Database, attempts: Path, sent: SentLogs) -> list[Operation]:
    """Return the operations on logs, which are in the folders of `attempts`; those of programs are `sent`."""
    shelf = _Shelf(database, attempts, Logs(), Downloads(are_spooled=False))

    async def append(request: Request) -> Response:
        require_any_task(request)
        params = request.query_params
        task_id, offset = parse_id(request), whole_number(params, "offset", 0, LARGEST)
        attempt = whole_number(params, "attempt", 1, MOST_ATTEMPTS)
        data = await read_body(request.receive)
        place = await asyncio.to_thread(look.log_place, database, task_id, attempt)
        if place.is_of_job:
            raise ConflictError("the log of a job is what the job prints")
        size = await sent.append(place.key, data, offset=offset)
        return json_response({"ok": True, "taskId": task_id, "attempt": place.key.attempt, "next": size})

    return [
        Operation(
            "POST /api/tasks/{id}/log",
            append,
            right=Right.INGEST,
            summary="Append to a task's log what it has printed: the body, byte for byte.",
            parameters=(
                query(
                    "offset",
                    "integer",
                    "How much was printed before it; so much as the log has unless said.",
                    minimum=0,
                ),
                _ATTEMPT,
            ),
        ),
        *_reading("/api/tasks/{id}/log", "task", shelf),
        *_reading("/api/training/jobs/{id}/log", "job", shelf),
    ]


def _reading(path: str, kind: str, shelf: _Shelf) -> list[Operation]:
    async def place_of(request: Request) -> look.LogPlace:
        task_id = parse_id(request, kind)
        attempt = whole_number(request.query_params, "attempt", 1, MOST_ATTEMPTS)
        place = await asyncio.to_thread(look.log_place, shelf.database, task_id, attempt)
        if kind == "job" and not place.is_of_job:
            raise NotFoundError(f"there is no job {task_id}", field="id")
        return place

    async def show(request: Request) -> Response:
        place = await place_of(request)
        wanted = _parse_look(request.query_params)
        told = await shelf.logs.look(shelf.attempts / place.key.folder, wanted)
        return json_response({"attempt": place.key.attempt, "rules": place.rules, **told})

    async def find(request: Request) -> Response:
        place, params = await place_of(request), request.query_params
        text, before = short_text(params, "q"), whole_number(params, "before", 1, LARGEST)
        if not text:
            raise BadRequestError("q must be the text to look for", field="q")
        found = await shelf.logs.search(shelf.attempts / place.key.folder, text, before=before)
        return json_response({"attempt": place.key.attempt, **found})

    async def download(request: Request) -> Response:
        place = await place_of(request)
        owner = "job" if place.is_of_job else "task"
        name = f"trainwatch-{owner}-{parse_id(request)}-attempt-{place.key.attempt}.log"
        pieces = raw_log(shelf.attempts / place.key.folder)
        return shelf.downloads.of(pieces, name=name, media_type="text/plain", caller=caller_of(request))

    return [
        Operation(
            f"GET {path}",
            show,
            right=Right.READ,
            summary=f"Lines of what a {kind} has printed: the last ones, what came since, or others.",
            parameters=_LOOK_PARAMETERS,
        ),
        Operation(
            f"GET {path}/search",
            find,
            right=Right.READ,
            summary=f"The lines of a {kind}'s log that hold a text, the newest first.",
            parameters=_SEARCH_PARAMETERS,
        ),
        Operation(
            f"GET {path}/download",
            download,
            right=Right.READ,
            summary=f"A {kind}'s log as a file, byte for byte as it was printed.",
            parameters=(_ATTEMPT,),
        ),
    ]


def _parse_look(params: QueryParams) -> Look:
    given = [name for name in ("tail", "after", "from", "before") if name in params]
    if len(given) > 1:
        raise BadRequestError(f"{' and '.join(given)} exclude each other", field=given[1])
    tail = whole_number(params, "tail", 1, MOST_LINES)
    return Look(
        after=whole_number(params, "after", 0, LARGEST),
        start=whole_number(params, "from", 0, LARGEST),
        end=whole_number(params, "before", 1, LARGEST),
        most=tail or whole_number(params, "count", 1, MOST_LINES) or LINES_SHOWN,
    )
