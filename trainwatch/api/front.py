"""Which way in: the hook by the shortest path, then the API, then the page."""

from collections.abc import Mapping, Sequence

import structlog
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwatch.api.hook import PREFIX
from trainwatch.api.http import error_response
from trainwatch.api.operation import Operation, methods_of, right_of
from trainwatch.door.guard import SIGN_IN
from trainwatch.door.proxy_faults import Fault, ProxyFaults
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, NotFoundError, TrainwatchError

_API = ("/api/", "/hook", "/docs", "/openapi.json", "/healthz", "/metrics", SIGN_IN)
_PAGES_SOCKET = "/_event"

PUBLIC_FILES = frozenset(
    {
        *("/styles/base.css", "/styles/parts.css", "/styles/forms.css", "/styles/sign_in.css"),
        *("/inter.woff2", "/favicon.svg", "/sign_in.js"),
    }
)
"""What the sign-in page is made of."""

log = structlog.get_logger()


class Front:
    """Sends each request where it belongs; knows the right that each needs."""

    def __init__(
        self,
        hook: ASGIApp,
        operations: Sequence[Operation],
        *,
        sockets: Mapping[str, ASGIApp],
        page: ASGIApp,
    ) -> None:
        """Put `hook`, the `operations` and the websockets at the paths of `sockets` in front of `page`."""
        self._hook = hook
        self._operations = operations
        self._api = Router(list(operations), default=self._no_way_in, redirect_slashes=False)
        self._sockets = sockets
        self._page = page
        self._proxy_faults = ProxyFaults()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        if scope["type"] != "http":
            await self._sockets.get(path, self._page)(scope, receive, send)
        elif self._is_socket(path):
            await error_response(self._not_upgraded(scope))(scope, receive, send)
        elif path == PREFIX or path.startswith(PREFIX + "/"):
            await self._hook(scope, receive, send)
        elif path.startswith(_API):
            await _in_one_shape(self._api, scope, receive, send)
        else:
            await self._page(scope, receive, send)

    async def _no_way_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = methods_of(self._operations, scope)
        if methods:
            error = BadRequestError(f"this address takes {', '.join(methods)}; see /docs", field="method")
            response = error_response(error, status=405, headers={"Allow": ", ".join(methods)})
        else:
            response = error_response(NotFoundError("there is no such address; see /docs"))
        await response(scope, receive, send)

    def _not_upgraded(self, scope: Scope) -> BadRequestError:
        """Return what a websocket is answered that came as plain HTTP; the key shows that the client asked for one."""
        if not any(name == b"sec-websocket-key" for name, _ in scope["headers"]):
            return BadRequestError("this is a websocket")
        self._proxy_faults.note(Fault.NOT_UPGRADED)
        return BadRequestError(
            "this is a websocket: a proxy in front must pass the headers Upgrade and Connection"
        )

    def right_of(self, scope: Scope) -> Right | None:
        """Return the right that a request needs; None for what is no way in."""
        path: str = scope["path"]
        if scope["type"] == "websocket":
            return Right.READ if self._is_socket(path) else None
        if path == PREFIX or path.startswith(PREFIX + "/"):
            return Right.INGEST
        if path.startswith(_API):
            known = right_of(self._operations, scope)
            return Right.READ if known is None else known  # READ, for the answer that there is no such thing
        if scope["method"] not in ("GET", "HEAD"):
            return None
        return Right.ENTER if path in PUBLIC_FILES else Right.READ

    def is_page(self, scope: Scope) -> bool:
        """Whether this is the bare page, without any data."""
        path: str = scope["path"]
        is_data = path.startswith(_API) or self._is_socket(path)
        return scope["type"] == "http" and (path == SIGN_IN or not is_data)

    def _is_socket(self, path: str) -> bool:
        return path.startswith(_PAGES_SOCKET) or path in self._sockets


async def _in_one_shape(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a mistake of ours like any other error, unless an answer has begun."""
    has_begun = False

    async def noting(message: Message) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    try:
        await app(scope, receive, noting)
    except Exception:
        log.exception("request_failed", method=scope["method"], path=ascii(scope["path"][:200]))
        if has_begun:
            raise
        await error_response(TrainwatchError("this is a mistake of the server; its log says more"))(
            scope, receive, send
        )
