"""`/api/training/jobs/{id}/log`: what an attempt of a job has printed."""

import asyncio
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.download import Downloads
from trainwatch.api.http import json_response
from trainwatch.api.operation import Operation, query
from trainwatch.api.queries import LARGEST, MOST_ATTEMPTS, parse_id, short_text, whole_number
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError
from trainwatch.services import look
from trainwatch.services.logs import LINES_SHOWN, MOST_LINES, Logs, Look, raw_log
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


def log_operations(database: Database, attempts: Path) -> list[Operation]:
    """Return the operations on logs, which are in the folders of `attempts`."""
    logs, downloads = Logs(), Downloads()

    async def place_of(request: Request) -> look.LogPlace:
        attempt = whole_number(request.query_params, "attempt", 1, MOST_ATTEMPTS)
        return await asyncio.to_thread(look.log_place, database, parse_id(request, "job"), attempt)

    async def show(request: Request) -> Response:
        place = await place_of(request)
        wanted = _parse_look(request.query_params)
        told = await logs.look(attempts / place.folder, wanted)
        return json_response({"attempt": place.attempt, "rules": place.rules, **told})

    async def find(request: Request) -> Response:
        place, params = await place_of(request), request.query_params
        text, before = short_text(params, "q"), whole_number(params, "before", 1, LARGEST)
        if not text:
            raise BadRequestError("q must be the text to look for", field="q")
        found = await logs.search(attempts / place.folder, text, before=before)
        return json_response({"attempt": place.attempt, **found})

    async def download(request: Request) -> Response:
        place = await place_of(request)
        name = f"trainwatch-job-{parse_id(request, 'job')}-attempt-{place.attempt}.log"
        return downloads.of(raw_log(attempts / place.folder), name=name, media_type="text/plain")

    return [
        Operation(
            "GET /api/training/jobs/{id}/log",
            show,
            right=Right.READ,
            summary="Lines of what a job has printed: the last ones, what came since, or others.",
            parameters=_LOOK_PARAMETERS,
        ),
        Operation(
            "GET /api/training/jobs/{id}/log/search",
            find,
            right=Right.READ,
            summary="The lines of a job's log that hold a text, the newest first.",
            parameters=_SEARCH_PARAMETERS,
        ),
        Operation(
            "GET /api/training/jobs/{id}/log/download",
            download,
            right=Right.READ,
            summary="A job's log as a file, byte for byte as it was printed.",
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
