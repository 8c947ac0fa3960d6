"""The second lock: what a page's socket may say, and before each event whether its caller may cause it."""

from dataclasses import dataclass
from typing import Any

import socketio
import structlog
from reflex.app import App
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from trainwatch.door.identity import identify
from trainwatch.door.rights import Right
from trainwatch.errors import ForbiddenError
from trainwatch.ui.state.rights import right_of

# What Reflex itself needs to open a page; all its other handlers (`setvar` above all) stay shut.
FRAMEWORK = {
    "hydrate_and_load": Right.READ,
    "on_load_internal": Right.READ,
    "set_is_hydrated": Right.READ,
}

# What a page sends. A socket could also name `connect`, and so bring its own headers, or `disconnect`.
SAID_BY_PAGES = frozenset({"event", "ping", "client_error"})

log = structlog.get_logger()


class GatedSocket(socketio.AsyncServer):
    """A socket server that listens to what pages say, and to nothing else."""

    async def _handle_event_internal(
        self, server: socketio.AsyncServer, sid: str, eio_sid: str, data: Any, namespace: str, id: Any
    ) -> None:
        said = data[0] if isinstance(data, list) and data else None
        if isinstance(said, str) and said in SAID_BY_PAGES:
            await super()._handle_event_internal(server, sid, eio_sid, data, namespace, id)
        else:
            log.warning("socket_message_refused", reason="no page says this")

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - what the page's framework cannot read is the sender's fault
            log.warning("socket_message_refused", reason=repr(error)[:200])


def right_of_event(name: str) -> Right | None:
    """Return the right that the event of that full name needs; None if it may not happen at all."""
    registered = RegistrationContext.get().event_handlers.get(name)
    if registered is None:
        return None
    if registered.states[0].__module__.startswith("reflex."):
        return FRAMEWORK.get(name.rpartition(".")[2])
    return right_of(registered.handler.fn)


@dataclass
class Gate(Middleware):
    """Drops events that name no right, or one that the caller lacks."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Return None to let the event happen, an empty update to drop it."""
        headers = dict(state.router_data.get("headers", {}))
        peer = headers.pop("asgi-scope-client", None)
        right = right_of_event(event.name)
        try:
            rights = identify(peer, headers).rights
        except ForbiddenError:
            rights = frozenset[Right]()
        if right is not None and right in rights:
            return None
        log.warning("event_refused", handler=ascii(event.name[:200]), right=right)
        return StateUpdate()
