"""`/api/training/{id}/metrics` and exports: the points of a task."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.download import Downloads
from trainwatch.api.http import caller_of, json_response
from trainwatch.api.operation import Operation, query
from trainwatch.api.queries import CURVE_PARAMETERS, parse_curve_query, parse_id
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.services import look
from trainwatch.store.engine import Database
from trainwatch.store.export import FORMATS, export_task


def series_operations(database: Database) -> list[Operation]:
    """Return the operations that read points."""
    downloads = Downloads(are_spooled=True)

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
        name = f"trainwatch-task-{task_id}.{kind}"
        pieces = export_task(database, task_id, kind)
        return downloads.of(pieces, name=name, media_type=FORMATS[kind], caller=caller_of(request))

    return [
        Operation(
            "GET /api/training/{id}/metrics",
            show_metrics,
            right=Right.READ,
            summary="The points of a task: all steps, or one series reduced for a screen.",
            parameters=CURVE_PARAMETERS,
        ),
        Operation(
            "GET /api/tasks/{id}/export",
            export,
            right=Right.READ,
            summary="Every point of a task, as a file.",
            parameters=(query("format", "string", "How to write it.", enum=list(FORMATS)),),
        ),
    ]
