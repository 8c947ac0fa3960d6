"""`/api/training/jobs`: what TrainWatch itself starts and stops."""

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import actor_of, identity_of, json_response, not_written_response, read_object
from trainwatch.api.operation import Operation, query
from trainwatch.api.queries import LARGEST, parse_id, whole_number
from trainwatch.domain.job import Runner
from trainwatch.domain.job_payload import json_schema, parse_job
from trainwatch.domain.template import Templates
from trainwatch.door.identity import Identity
from trainwatch.door.jobs import require_right_to_run, right_to_run
from trainwatch.door.rights import Right
from trainwatch.door.task_control import TaskControl
from trainwatch.runners.base import HURRIED
from trainwatch.services import look
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.jobs import create_job, start_job
from trainwatch.services.templates import read_templates
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

_MOST = 1_000
_SHOWN = 100
_LIST_PARAMETERS = (
    query("limit", "integer", "Most jobs.", minimum=1, maximum=_MOST, default=_SHOWN),
    query("offset", "integer", "Jobs to pass over.", minimum=0, default=0),
)


_STOP_SCHEMA = {
    "type": "object",
    "properties": {
        "over": {
            "type": "string",
            "enum": [*HURRIED],
            "description": "The stage of stopping that ends at once, if it is the present one.",
        }
    },
}


def job_operations(
    database: Database, writer: Writer, dispatcher: Dispatcher, control: TaskControl, data_dir: Path
) -> list[Operation]:
    """Return the operations on jobs; the templates of this machine are in `data_dir`."""

    async def list_all(request: Request) -> Response:
        limit = whole_number(request.query_params, "limit", 1, _MOST) or _SHOWN
        offset = whole_number(request.query_params, "offset", 0, LARGEST) or 0
        return json_response(await asyncio.to_thread(look.jobs, database, limit=limit, offset=offset))

    async def make(request: Request) -> Response:
        payload, actor, identity = await read_object(request), actor_of(request), identity_of(request)
        spec = parse_job(payload, await _templates_for(identity, data_dir))
        require_right_to_run(identity, spec.runner)
        task = await writer.submit(lambda work: create_job(work, actor, spec))
        return json_response(await _whole(task.id), status=201)

    async def show(request: Request) -> Response:
        return json_response(await _whole(parse_id(request, "job")))

    async def start(request: Request) -> Response:
        job_id, actor = parse_id(request, "job"), actor_of(request)
        require_right_to_run(identity_of(request), await _runner_of(job_id))
        await writer.submit(lambda work: start_job(work, actor, job_id))
        dispatcher.look()
        return json_response(await _whole(job_id))

    async def stop(request: Request) -> Response:
        job_id = parse_id(request, "job")
        over = (await read_object(request)).get("over")
        if not await control.stop_job(identity_of(request), job_id, over):
            return not_written_response({"ok": True, "id": job_id})
        return json_response(await _whole(job_id))

    async def _whole(job_id: int) -> dict[str, Any]:
        return await asyncio.to_thread(look.job_whole, database, job_id)

    async def _runner_of(job_id: int) -> Any:
        return (await asyncio.to_thread(look.job_spec, database, job_id)).runner

    return [
        Operation(
            "GET /api/training/jobs",
            list_all,
            right=Right.READ,
            summary="Jobs, the newest first.",
            parameters=_LIST_PARAMETERS,
        ),
        Operation(
            "POST /api/training/jobs",
            make,
            right=Right.SIMULATE,
            summary="Make a job; one that is not simulated needs the right `operate`.",
            body=json_schema(),
        ),
        Operation(
            "GET /api/training/jobs/{id}",
            show,
            right=Right.READ,
            summary="One job: how it is launched, and how it goes.",
        ),
        Operation(
            "POST /api/training/jobs/{id}/start",
            start,
            right=Right.SIMULATE,
            summary="Start a job, or start it again as a new attempt; it may wait for its turn.",
        ),
        Operation(
            "POST /api/training/jobs/{id}/stop",
            stop,
            right=Right.SIMULATE,
            summary="Stop a job that runs, or take back the start of one that waits. To ask again changes nothing.",
            body=_STOP_SCHEMA,
        ),
    ]


async def _templates_for(identity: Identity, data_dir: Path) -> Templates | None:
    """Return the templates; None for who may not run them, and is not told their names by what is wrong."""
    if right_to_run(Runner.LOCAL) not in identity.rights:
        return None
    return await asyncio.to_thread(read_templates, data_dir)
