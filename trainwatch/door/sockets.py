"""The websockets that are open: how many, and whose; one whose caller may no longer read is hung up on."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwatch.door.identity import Identity
from trainwatch.door.limits import Limits

CLOSED_BY_US = 4401
"""The close code of a socket whose caller has been signed out; 4000 to 4999 are for applications (RFC 6455)."""

MayStay = Callable[[], bool]


class Sockets:
    """Holds every open websocket on a leash. Belongs to the event loop."""

    def __init__(self, limits: Limits) -> None:
        """Let each caller hold as many as `limits` says."""
        self._limits = limits
        self._leashes: dict[_Leash, MayStay] = {}

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, of: Identity, may_stay: MayStay
    ) -> None:
        """Let `app` serve a websocket until it ends, or `may_stay` says no when `sweep` asks.

        Raises:
            RateLimitedError: If the caller holds too many.
        """
        with self._limits.socket(of.actor):
            leash = _Leash(receive, send)
            self._leashes[leash] = may_stay
            try:
                await app(scope, leash.receive, leash.send)
            finally:
                del self._leashes[leash]

    def sweep(self) -> None:
        """Hang up on those who may not stay."""
        for leash, may_stay in self._leashes.items():
            if not may_stay():
                leash.pull()


class _Leash:
    """Receives and sends for the application, until it is pulled."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._pulled = asyncio.Event()

    def pull(self) -> None:
        self._pulled.set()

    async def send(self, message: Message) -> None:
        if (
            not self._pulled.is_set()
        ):  # from then on nothing more is said, whatever the application has in mind
            await self._send(message)

    async def receive(self) -> Message:
        heard = asyncio.ensure_future(self._receive())
        pulled = asyncio.ensure_future(self._pulled.wait())
        try:
            await asyncio.wait({heard, pulled}, return_when=asyncio.FIRST_COMPLETED)
            if not self._pulled.is_set():  # asked first: there may be no moment at which nothing was heard
                return heard.result()
            await self._send({"type": "websocket.close", "code": CLOSED_BY_US, "reason": "signed out"})
            return {"type": "websocket.disconnect", "code": CLOSED_BY_US}
        finally:
            heard.cancel()
            pulled.cancel()
