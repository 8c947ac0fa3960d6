"""The guard: the outermost layer, over HTTP and websocket alike. What is not allowed is refused."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwatch.door.identity import identify
from trainwatch.door.refusal import error_body
from trainwatch.door.rights import Right
from trainwatch.errors import ForbiddenError

RightOf = Callable[[Scope], Right | None]

DATA_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer that is not the page: it may load nothing, whoever is made to show it."""

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
        """Guard `app`; `headers` are added to the page, `DATA_HEADERS` to every other answer."""
        self._app = app
        self._right_of = right_of
        self._is_page = is_page
        self._page_headers = _encoded(headers)
        self._data_headers = _encoded(DATA_HEADERS)

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
        headers = self._page_headers if self._is_page(scope) else self._data_headers
        await self._app(scope, receive, _dressed(send, headers))

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
        body = orjson.dumps(error_body(error))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": [*headers, *self._data_headers]})
        await send({"type": "http.response.body", "body": body})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _dressed(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """Return a `send` that adds `headers`."""

    def dressed(message: Message) -> Awaitable[None]:  # no coroutine of its own: every answer passes twice
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        return send(message)

    return dressed


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
