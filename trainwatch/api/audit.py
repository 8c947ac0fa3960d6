"""`/api/audit`: who did what."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import json_response
from trainwatch.api.operation import Operation, query
from trainwatch.api.queries import whole_number
from trainwatch.domain.audit import AuditEntry
from trainwatch.door.rights import Right
from trainwatch.services.views import time_text
from trainwatch.store.audit import list_audit
from trainwatch.store.engine import Database
from trainwatch.store.tasks import LARGEST_ID

_SHOWN = 100
_MOST = 1_000
_PARAMETERS = (
    query("before", "integer", "Only entries older than the one of this id.", minimum=1),
    query("limit", "integer", "Most entries.", minimum=1, maximum=_MOST, default=_SHOWN),
)


def audit_operations(database: Database) -> list[Operation]:
    """Return the operation that reads the audit log; none changes it."""

    async def show(request: Request) -> Response:
        before = whole_number(request.query_params, "before", 1, LARGEST_ID)
        limit = whole_number(request.query_params, "limit", 1, _MOST) or _SHOWN

        def read() -> list[AuditEntry]:
            with database.reading() as connection:
                return list_audit(connection, before=before, limit=limit)

        return json_response({"entries": [_view(entry) for entry in await asyncio.to_thread(read)]})

    return [
        Operation(
            "GET /api/audit",
            show,
            right=Right.ADMIN,
            summary="Who did what, the newest first.",
            parameters=_PARAMETERS,
        )
    ]


def _view(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": time_text(entry.at),
        "who": str(entry.actor),
        "kind": entry.actor.kind,
        "address": entry.actor.address,
        "action": entry.action,
        "target": entry.target,
    }
