"""Which way in: the hook by the shortest path, then the API, then the page."""

from collections.abc import Sequence

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from trainwatch.api.hook import PREFIX
from trainwatch.api.http import error_response
from trainwatch.api.operation import Operation, right_of
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, NotFoundError

_API = ("/api/", "/hook", "/docs", "/openapi.json", "/healthz", "/metrics")
_SOCKET = "/_event"


class Front:
    """Sends each request where it belongs; knows the right that each needs."""

    def __init__(self, hook: ASGIApp, operations: Sequence[Operation], page: ASGIApp) -> None:
        """Put `hook` and the `operations` in front of `page`."""
        self._hook = hook
        self._operations = operations
        self._api = Router(list(operations), default=_not_found, redirect_slashes=False)
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        if scope["type"] != "http":
            await self._page(scope, receive, send)
        elif path.startswith(_SOCKET):
            await error_response(BadRequestError("this is a websocket"))(scope, receive, send)
        elif path == PREFIX or path.startswith(PREFIX + "/"):
            await self._hook(scope, receive, send)
        elif path.startswith(_API):
            await self._api(scope, receive, send)
        else:
            await self._page(scope, receive, send)

    def right_of(self, scope: Scope) -> Right | None:
        """Return the right that a request needs; None for what is no way in."""
        path: str = scope["path"]
        if scope["type"] == "websocket":
            return Right.READ if path.startswith(_SOCKET) else None
        if path == PREFIX or path.startswith(PREFIX + "/"):
            return Right.INGEST
        if path.startswith(_API):
            known = right_of(self._operations, scope)
            return Right.READ if known is None else known  # READ, for the answer that there is no such thing
        return Right.READ if scope["method"] in ("GET", "HEAD") else None

    def is_page(self, scope: Scope) -> bool:
        """Whether this is the bare page, without any data."""
        path: str = scope["path"]
        return scope["type"] == "http" and not path.startswith((*_API, _SOCKET))


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    error = NotFoundError("there is no such address or method; see /docs")
    await error_response(error)(scope, receive, send)
