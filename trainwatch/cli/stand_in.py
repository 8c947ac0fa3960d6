"""A server without page or socket that answers one request of the command line: the same API, the same writer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from trainwatch.api.catalogue import Parts, catalogue
from trainwatch.api.http import error_response
from trainwatch.domain.audit import CONSOLE
from trainwatch.door.founding import found_door
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import Identity
from trainwatch.door.limits import Limits
from trainwatch.door.reception import Reception
from trainwatch.door.revocations import Revocations
from trainwatch.door.rights import Right
from trainwatch.errors import NotFoundError
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.services.sent_logs import SentLogs
from trainwatch.settings import Settings
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.supervisor.spec import LogLimits


class StandIn:
    """Answers for the server that does not run."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        """Answer from `database`, which the caller owns."""
        door = found_door(database, settings, clock=clock)
        self._writer = Writer(database, clock=clock, publish=door.note)
        limits = Limits(key_requests_per_minute=settings.key_requests_per_minute)
        pending = PendingWrites(self._writer, patience_s=None)  # nobody is there to try again later
        revocations = Revocations(door, self._writer, pending)
        reception = Reception(door, limits, self._writer, address="", revocations=revocations)
        dispatcher = Dispatcher(database, self._writer, {}, clock=clock)
        log_limits = LogLimits(total_bytes=settings.log_bytes)
        sent = SentLogs(database, settings.attempts_dir, log_limits, lambda events: None)
        loops = BackgroundLoops(clock=clock)
        operations = catalogue(Parts(database, self._writer, reception, dispatcher, sent, settings, loops))
        self._router = Router(list(operations), default=_nowhere, redirect_slashes=False)

    async def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return status and content of the answer to a request; call it once."""
        heard: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            heard.append(message)

        path, _, query = path.partition("?")
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [],
            IDENTITY: Identity(CONSOLE, frozenset(Right)),
        }
        self._writer.start()
        try:
            await self._router(scope, receive, send)
        finally:
            await self._writer.close()
        return heard[0]["status"], orjson.loads(b"".join(message.get("body", b"") for message in heard[1:]))


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    await error_response(NotFoundError("there is no such address"))(scope, receive, send)
