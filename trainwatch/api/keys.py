"""`/api/keys`: the keys of programs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import actor_of, json_response, not_written_response, read_object, text_of
from trainwatch.api.operation import Operation
from trainwatch.api.queries import parse_id
from trainwatch.api.scopes import SCOPE_SCHEMA, scope_of
from trainwatch.domain.credential import ApiKey
from trainwatch.door.keyring import Keyring
from trainwatch.door.revocations import Revocations
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError
from trainwatch.services.keys import LONGEST_DAYS, create_key
from trainwatch.services.views import time_text
from trainwatch.store.writer import Writer

_SCHEMA = {
    "type": "object",
    "properties": {
        "scope": SCOPE_SCHEMA,
        "label": {"type": "string", "description": "What it is for, in your words."},
        "expiresInDays": {
            "type": ["integer", "null"],
            "description": f"1 to {LONGEST_DAYS}; null for never.",
        },
    },
}


def key_operations(writer: Writer, keyring: Keyring, revocations: Revocations) -> list[Operation]:
    """Return the operations on keys."""

    async def list_keys(request: Request) -> Response:
        return json_response({"keys": [_view(key) for key in keyring.all_keys()]})

    async def make(request: Request) -> Response:
        body, actor = await read_object(request), actor_of(request)
        scope, label, days = scope_of(body), text_of(body, "label"), _days(body)
        key, text = await writer.submit(
            lambda work: create_key(work, actor, scope=scope, label=label, expires_in_days=days)
        )
        return json_response({"ok": True, "key": text, **_view(key)}, status=201)

    async def revoke(request: Request) -> Response:
        key_id = parse_id(request, "key")
        is_written = await revocations.revoke_key(actor_of(request), key_id)
        keys = (_view(key) for key in keyring.all_keys() if key.id == key_id)
        answer = {"ok": True, **next(keys, {"id": key_id})}
        return json_response(answer) if is_written else not_written_response(answer)

    return [
        Operation("GET /api/keys", list_keys, right=Right.ADMIN, summary="Every key, but for its secret."),
        Operation(
            "POST /api/keys",
            make,
            right=Right.ADMIN,
            summary="Make a key; this answer alone holds it.",
            body=_SCHEMA,
        ),
        Operation("DELETE /api/keys/{id}", revoke, right=Right.ADMIN, summary="Revoke a key, at once."),
    ]


def _days(body: dict[str, object]) -> int | None:
    days = body.get("expiresInDays")
    if days is None:
        return None
    if not isinstance(days, int) or isinstance(days, bool):
        raise BadRequestError("expiresInDays must be a whole number or null", field="expiresInDays")
    return days


def _view(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "label": key.label,
        "scope": key.scope,
        "prefix": key.prefix,
        "createdAt": time_text(key.created_at),
        "createdBy": key.created_by,
        "expiresAt": time_text(key.expires_at),
        "lastUsedAt": time_text(key.last_used_at),
        "revokedAt": time_text(key.revoked_at),
    }
