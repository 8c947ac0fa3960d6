"""`/api/training/templates`: what the owner of this machine lets others run."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import json_response
from trainwatch.api.operation import Operation
from trainwatch.door.rights import Right
from trainwatch.services.templates import offer_of


def template_operations(data_dir: Path) -> list[Operation]:
    """Return the operations on the templates in `data_dir`."""

    async def list_all(_: Request) -> Response:
        return json_response(await asyncio.to_thread(offer_of, data_dir))

    return [
        Operation(
            "GET /api/training/templates",
            list_all,
            right=Right.OPERATE,
            summary="What real jobs on this machine may be, and how to fill them in.",
        ),
    ]
