"""`/api/users`, `/api/sessions`, `/api/links`: who may sign in, and who is signed in."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import actor_of, json_response, not_written_response, read_object, text_of
from trainwatch.api.operation import Operation
from trainwatch.api.queries import parse_id
from trainwatch.api.scopes import SCOPE_SCHEMA, scope_of
from trainwatch.domain.credential import Scope, Session, User
from trainwatch.door.identity import Door
from trainwatch.door.passwords import hash_password
from trainwatch.door.reception import Reception
from trainwatch.door.revocations import Revocations
from trainwatch.door.rights import Right
from trainwatch.services.users import OWNER, add_user, set_password
from trainwatch.services.views import time_text
from trainwatch.store.writer import Writer

_PASSWORD = {"type": ["string", "null"], "description": "At least 10 characters; null for links only."}
_USER_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "1 to 64 letters, digits or . _ @ -"},
        "scope": {**SCOPE_SCHEMA, "default": Scope.OPERATE},
        "password": _PASSWORD,
    },
}
_PASSWORD_SCHEMA = {"type": "object", "properties": {"password": _PASSWORD}}
_LINK_SCHEMA = {
    "type": "object",
    "properties": {"user": {"type": "string", "default": OWNER, "description": "Who signs in with it."}},
}


def user_operations(writer: Writer, door: Door, revocations: Revocations) -> list[Operation]:
    """Return the operations on users."""

    async def list_users(request: Request) -> Response:
        return json_response({"users": [_user(user) for user in door.keyring.users()]})

    async def add(request: Request) -> Response:
        body, actor = await read_object(request), actor_of(request)
        name, scope, hashed = text_of(body, "name"), scope_of(body, Scope.OPERATE), await _hashed(body)
        user = await writer.submit(
            lambda work: add_user(work, actor, name, scope=scope, password_hash=hashed)
        )
        return json_response({"ok": True, **_user(user)}, status=201)

    async def change_password(request: Request) -> Response:
        body, actor, name = await read_object(request), actor_of(request), request.path_params["name"]
        hashed = await _hashed(body)
        user = await writer.submit(lambda work: set_password(work, actor, name, hashed))
        return json_response({"ok": True, **_user(user)})

    async def remove(request: Request) -> Response:
        is_written = await revocations.remove_user(actor_of(request), request.path_params["name"])
        return _done({"ok": True}, is_written=is_written)

    return [
        Operation("GET /api/users", list_users, right=Right.ADMIN, summary="Who may sign in."),
        Operation("POST /api/users", add, right=Right.ADMIN, body=_USER_SCHEMA, summary="Add a user."),
        Operation(
            "POST /api/users/{name}/password",
            change_password,
            right=Right.ADMIN,
            summary="Set a user's password, and sign the user out everywhere.",
            body=_PASSWORD_SCHEMA,
        ),
        Operation(
            "DELETE /api/users/{name}",
            remove,
            right=Right.ADMIN,
            summary="Remove a user, with all of the user's sessions.",
        ),
    ]


def session_operations(writer: Writer, door: Door, reception: Reception) -> list[Operation]:
    """Return the operations on sessions, and on the links that open them."""

    async def list_sessions(request: Request) -> Response:
        names = {user.id: user.name for user in door.keyring.users()}
        sessions = door.keyring.sessions(door.clock())
        return json_response({"sessions": [_session(each, names.get(each.user_id)) for each in sessions]})

    async def revoke(request: Request) -> Response:
        session_id = parse_id(request, "session")
        is_written = await reception.revocations.revoke_session(actor_of(request), session_id)
        return _done({"ok": True}, is_written=is_written)

    async def revoke_all(request: Request) -> Response:
        actor = actor_of(request)
        own = actor.id if actor.kind == "session" else None
        count, is_written = await reception.revocations.revoke_sessions(actor, but=own)
        return _done({"ok": True, "revoked": count}, is_written=is_written)

    async def make_link(request: Request) -> Response:
        body, actor = await read_object(request), actor_of(request)
        name = text_of(body, "user") if "user" in body else OWNER
        path = reception.make_link(name, by=actor)
        await writer.submit(lambda work: work.audit(actor, "made sign-in link", f"for {name}"))
        return json_response({"ok": True, "path": path, "url": reception.address + path}, status=201)

    return [
        Operation(
            "GET /api/sessions", list_sessions, right=Right.ADMIN, summary="Browsers that are signed in."
        ),
        Operation(
            "DELETE /api/sessions/{id}",
            revoke,
            right=Right.ADMIN,
            summary="Revoke a session; its open pages are led to the sign-in.",
        ),
        Operation(
            "DELETE /api/sessions",
            revoke_all,
            right=Right.ADMIN,
            summary="Revoke every session but the caller's own.",
        ),
        Operation(
            "POST /api/links",
            make_link,
            right=Right.ADMIN,
            summary="Make a sign-in link, for ten minutes and one use.",
            body=_LINK_SCHEMA,
        ),
    ]


def _done(answer: dict[str, Any], *, is_written: bool) -> Response:
    return json_response(answer) if is_written else not_written_response(answer)


async def _hashed(body: dict[str, object]) -> str | None:
    if body.get("password") is None:
        return None
    return await asyncio.to_thread(hash_password, text_of(body, "password"))


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "scope": user.scope,
        "hasPassword": user.password_hash is not None,
        "createdAt": time_text(user.created_at),
    }


def _session(session: Session, name: str | None) -> dict[str, Any]:
    return {
        "id": session.id,
        "user": name,
        "address": session.address,
        "browser": session.browser,
        "createdAt": time_text(session.created_at),
        "lastSeenAt": time_text(session.last_seen_at),
        "expiresAt": time_text(session.expires_at),
    }
