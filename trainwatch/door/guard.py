"""The guard: the outermost layer, over HTTP and websocket alike. What is not allowed is refused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwatch.domain.audit import Actor
from trainwatch.door.connection import CONSOLE
from trainwatch.door.cookie import clear_cookie
from trainwatch.door.identity import Complaint, Door, Identity, Peer
from trainwatch.door.kept_headers import handshake_headers, headers_asked_again
from trainwatch.door.limits import Limits
from trainwatch.door.proxy_faults import Fault, ProxyFaults
from trainwatch.door.refusal import error_body
from trainwatch.door.rights import Right
from trainwatch.door.sockets import Sockets
from trainwatch.errors import ForbiddenError, RateLimitedError, TrainwatchError, UnauthorizedError

RightOf = Callable[[Scope], Right | None]

DATA_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer that is not the page: it may load nothing, whoever is made to show it."""

SIGN_IN = "/sign-in"

PEER = "trainwatch.peer"
IDENTITY = "trainwatch.identity"
"""Where the guard notes in a request's scope who is asking."""

_SINGLE = frozenset({"host", "origin", "sec-fetch-site", "cookie", "authorization", "x-api-key"})
_NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class Guard:
    """Lets a request through if its caller has the right that its route needs.

    A route that names no right is refused, whoever asks. `is_page` tells the routes that are a bare page,
    without data: following a link to them from another site is allowed, and who may not see them is led
    to the sign-in.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        limits: Limits,
        *,
        right_of: RightOf,
        is_page: Callable[[Scope], bool],
        headers: Mapping[str, str],
    ) -> None:
        """Guard `app`; `headers` are added to pages, `DATA_HEADERS` to every other answer."""
        self.on_limited: Callable[[Actor, RateLimitedError], None] | None = None
        self._app = app
        self._door = door
        self._limits = limits
        self.sockets = Sockets(limits)
        self._right_of = right_of
        self._is_page = is_page
        self._proxy_faults = ProxyFaults()
        self._page_headers = _encoded(headers)
        self._data_headers = _encoded(DATA_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or refuse (a websocket before it is accepted)."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = self._page_headers if self._is_page(scope) else self._data_headers
        try:
            self._admit(scope)
            if scope["type"] == "websocket":
                await self._serve_socket(scope, receive, send)
                return
        except (ForbiddenError, UnauthorizedError, RateLimitedError) as error:
            await self._refuse(scope, error, _dressed(send, headers))
            return
        if scope[IDENTITY].complaint is Complaint.SESSION:
            headers = [*headers, self._without_cookie(scope)]
        await self._app(scope, receive, _dressed(send, headers))

    def _admit(self, scope: Scope) -> None:
        """Note the caller in the scope.

        Raises:
            ForbiddenError: If the caller may not.
            UnauthorizedError: If it might, but has shown nothing that is valid.
            RateLimitedError: If it asks too often.
        """
        headers = _headers_of(scope)
        if scope.get("method") == "GET" and self._is_page(scope) and _NAVIGATION.items() <= headers.items():
            headers.pop("sec-fetch-site", None)
        scope[PEER] = peer = _peer_of(scope, headers)
        scope[IDENTITY] = identity = self._door.identify(peer)
        self._limits.count_request(identity.actor)
        right = self._right_of(scope)
        if right is None:
            raise ForbiddenError("nobody may do this here")
        if right not in identity.rights:
            raise refusal(identity, right)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        door, right = self._door, self._right_of(scope)
        headers = scope[PEER].headers
        kept = headers_asked_again(headers, door.cookie_name, door.cookie_in(headers))
        scope[PEER] = peer = replace(scope[PEER], headers=kept)
        scope["headers"] = handshake_headers(scope)
        if headers.get("origin", "").startswith("https:") and not peer.is_secure:
            self._proxy_faults.note(Fault.HTTPS_UNTOLD)

        def may_stay() -> bool:
            return right in door.identify(peer).rights

        await self.sockets.serve(self._app, scope, receive, send, of=scope[IDENTITY], may_stay=may_stay)

    async def _refuse(self, scope: Scope, error: TrainwatchError, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = []
        status = 403
        if isinstance(error, RateLimitedError):
            status = 429
            if self.on_limited is not None:
                self.on_limited(scope[IDENTITY].actor, error)
            headers.append((b"retry-after", str(error.retry_after_s).encode()))
        elif isinstance(error, UnauthorizedError):
            status = 401
            headers.append((b"www-authenticate", b'Bearer realm="TrainWatch"'))
            if self._is_page(scope) and "text/html" in scope[PEER].headers.get("accept", ""):
                status = 303
                headers.append((b"location", _way_to_sign_in(scope)))
            if scope[IDENTITY].complaint is Complaint.SESSION:
                headers.append(self._without_cookie(scope))
        if scope["type"] == "websocket":  # the handshake fails with that status
            send = _for_handshake(send)
        await _answer(send, status, headers, error_body(error))

    def _without_cookie(self, scope: Scope) -> tuple[bytes, bytes]:
        cookie = clear_cookie(self._door.cookie_name, is_secure=is_secure(scope))
        return b"set-cookie", cookie.encode()


def refusal(identity: Identity, right: Right) -> TrainwatchError:
    """Return why a caller that lacks `right` is refused."""
    if identity.is_known:
        return ForbiddenError(f"this needs the right {right}, which {identity.actor} does not have")
    if identity.complaint is not None:
        return UnauthorizedError(identity.complaint)
    return UnauthorizedError(f"this needs the right {right}: sign in at {SIGN_IN}, or send a key")


def is_secure(scope: Scope) -> bool:
    """Whether a request came over https, as far as a trusted proxy tells."""
    return scope.get("scheme") in ("https", "wss")


def _peer_of(scope: Scope, headers: Mapping[str, str]) -> Peer:
    client = scope.get("client")
    return Peer(
        client[0] if client else None,
        headers,
        is_secure=is_secure(scope),
        is_console=scope.get(CONSOLE, False),
    )


def _way_to_sign_in(scope: Scope) -> bytes:
    wanted = scope["path"]
    if scope.get("query_string"):
        wanted += "?" + scope["query_string"].decode("latin-1")
    why = "why=ended&" if scope[IDENTITY].complaint is Complaint.SESSION else ""
    return f"{SIGN_IN}?{why}next={quote(wanted, safe='/')}".encode()


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], content: Any) -> None:
    body = orjson.dumps(content)
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _dressed(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """Return a `send` that adds `headers`."""

    def dressed(message: Message) -> Awaitable[None]:  # no coroutine of its own: every answer passes twice
        if message["type"].endswith("http.response.start"):
            message["headers"] = [*message.get("headers", ()), *headers]
        return send(message)

    return dressed


def _for_handshake(send: Send) -> Send:
    """Return a `send` for what refuses a websocket, by the ASGI extension that uvicorn has."""

    def sent(message: Message) -> Awaitable[None]:
        return send({**message, "type": f"websocket.{message['type']}"})

    return sent


def _headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name.

    Raises:
        ForbiddenError: If one that decides who may comes twice: servers differ in which they believe.
    """
    headers: dict[str, str] = {}
    for raw_name, value in scope["headers"]:
        name = raw_name.decode("latin-1")
        if name in headers and name in _SINGLE:
            raise ForbiddenError(f"the header {name} came twice")
        headers[name] = value.decode("latin-1")
    return headers
