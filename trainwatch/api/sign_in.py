"""`/sign-in` and what it asks for; with `/api/me`, what everybody may see without being anybody."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from trainwatch.api.http import json_response, object_of, read_body, text_of
from trainwatch.api.operation import Operation
from trainwatch.api.sign_in_page import sign_in_page
from trainwatch.door.cookie import clear_cookie, set_cookie
from trainwatch.door.guard import IDENTITY, PEER, SIGN_IN
from trainwatch.door.identity import Door, Identity, Peer
from trainwatch.door.reception import Reception
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError

_MOST_BYTES = 16 << 10
"""Enough for the longest password however it is written: strangers may make the server keep no more."""

_BODY = {
    "type": "object",
    "properties": {
        "link": {"type": "string", "description": "The secret of a one-time link; or:"},
        "name": {"type": "string", "description": "The name of a user,"},
        "password": {"type": "string", "description": "and the password."},
    },
}


def sign_in_operations(door: Door, reception: Reception) -> list[Operation]:
    """Return the operations with which people come in and go."""

    async def page(request: Request) -> Response:
        stays = door.policy.lets_anonymous_in
        return HTMLResponse(
            sign_in_page(has_passwords=reception.takes_passwords, may_stay_anonymous=stays),
            headers={"Cache-Control": "no-store"},
        )

    async def sign_in(request: Request) -> Response:
        peer: Peer = request.scope[PEER]
        body = object_of(await read_body(request.receive, limit=_MOST_BYTES))
        if "link" in body:
            user, cookie = await reception.sign_in_with_link(peer, text_of(body, "link"))
        elif "name" in body:
            name, password = text_of(body, "name"), text_of(body, "password")
            user, cookie = await reception.sign_in_with_password(peer, name, password)
        else:
            raise BadRequestError("send a link, or a name and a password", field="body")
        headers: dict[str, str] = {}
        if cookie is not None:
            headers["Set-Cookie"] = set_cookie(door.cookie_name, cookie, is_secure=peer.is_secure)
        return json_response({"ok": True, "name": user.name}, headers=headers)

    async def sign_out(request: Request) -> Response:
        await reception.sign_out(request.scope[IDENTITY])
        peer: Peer = request.scope[PEER]
        cleared = clear_cookie(door.cookie_name, is_secure=peer.is_secure)
        return json_response({"ok": True}, headers={"Set-Cookie": cleared})

    return [
        Operation(f"GET {SIGN_IN}", page, right=Right.ENTER, summary="Sign in: a page for people."),
        Operation(
            "POST /api/sign-in",
            sign_in,
            right=Right.ENTER,
            summary="Exchange a one-time link, or a name and a password, for a session's cookie.",
            body=_BODY,
        ),
        Operation("POST /api/sign-out", sign_out, right=Right.ENTER, summary="End the caller's session."),
        Operation("GET /api/me", _me, right=Right.ENTER, summary="Who the caller is, and what it may do."),
    ]


async def _me(request: Request) -> Response:
    identity: Identity = request.scope[IDENTITY]
    return json_response(
        {
            "name": identity.actor.name,
            "kind": identity.actor.kind,
            "signedIn": identity.actor.kind == "session",
            "rights": sorted(identity.rights),
        }
    )
