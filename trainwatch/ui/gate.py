"""The second lock: before each event of a page, whether its caller may still cause it."""

from dataclasses import dataclass

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

log = structlog.get_logger()


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
        log.warning("event_refused", handler=event.name[:200], right=right)
        return StateUpdate()
