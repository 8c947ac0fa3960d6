"""The guard: the outermost layer, over HTTP and websocket alike. What is not allowed is refused."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwatch.door.identity import identify
from trainwatch.door.rights import Right
from trainwatch.errors import ForbiddenError

RightOf = Callable[[Scope], Right | None]

_SINGLE = frozenset({"host", "origin", "sec-fetch-site"})
_NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class Guard:
    """Lets a request through if its caller has the right that its route needs.

    A route that names no right is refused, whoever asks. `page_of` tells the routes that are the bare page,
    without data: following a link to them from another site is allowed.
    """

    def __init__(
        self, app: ASGIApp, *, right_of: RightOf, is_page: Callable[[Scope], bool], headers: Mapping[str, str]
    ) -> None:
        """Guard `app`; `headers` are added to every response."""
        self._app = app
        self._right_of = right_of
        self._is_page = is_page
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or refuse with 403 (a websocket before it is accepted)."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            self._admit(scope)
        except ForbiddenError as error:
            await self._refuse(scope, error, send)
            return
        await self._app(scope, receive, self._dressed(send))

    def _admit(self, scope: Scope) -> None:
        """Note the caller's identity in the scope.

        Raises:
            ForbiddenError: If the caller may not.
        """
        headers = _headers_of(scope)
        if scope.get("method") == "GET" and self._is_page(scope) and _NAVIGATION.items() <= headers.items():
            headers.pop("sec-fetch-site", None)
        client = scope.get("client")
        identity = identify(client[0] if client else None, headers)
        right = self._right_of(scope)
        if right is None or right not in identity.rights:
            raise ForbiddenError(
                "nobody may do this here" if right is None else f"this needs the right {right}"
            )
        scope["trainwatch.identity"] = identity

    async def _refuse(self, scope: Scope, error: ForbiddenError, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": error.message})
            return
        body = orjson.dumps(
            {"ok": False, "error": {"code": error.code, "field": None, "message": error.message}}
        )
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": [*headers, *self._headers]})
        await send({"type": "http.response.body", "body": body})

    def _dressed(self, send: Send) -> Send:
        """Return a `send` that adds our headers."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent: list[Any] = list(message.get("headers", ()))
                message["headers"] = sent + self._headers
            await send(message)

        return dressed


def _headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name.

    Raises:
        ForbiddenError: If one that decides who may comes twice: servers differ in which they believe.
    """
    headers: dict[str, str] = {}
    for raw_name, value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        if name in headers and name in _SINGLE:
            raise ForbiddenError(f"the header {name} came twice")
        headers[name] = value.decode("latin-1")
    return headers
