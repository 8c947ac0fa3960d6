"""The second lock: what a page's socket may say, and before each event whether its caller may cause it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qs

import socketio
import structlog
from reflex.app import App
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from trainwatch.door.identity import STRANGER
from trainwatch.door.rights import Right
from trainwatch.ui.callers import Callers
from trainwatch.ui.state.rights import right_of
from trainwatch.ui.state.visitor import show_to

# What Reflex itself needs to open a page; all its other handlers (`setvar` above all) stay shut.
FRAMEWORK = {
    "hydrate_and_load": Right.READ,
    "on_load_internal": Right.READ,
    "set_is_hydrated": Right.READ,
}

# What a page sends. A socket could also name `connect`, and so bring its own headers, or `disconnect`.
SAID_BY_PAGES = frozenset({"event", "ping"})

_MOST_TOLD = 500

LONGEST_TOKEN = 64
"""A page calls itself by a UUID."""

log = structlog.get_logger()


class GatedSocket(socketio.AsyncServer):
    """A socket server that listens to what pages say, and to nothing else.

    `on_leave` is called with the id of a socket that closes.
    """

    on_leave: Callable[[str], None] | None = None

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Refuse a tab that calls itself something long: that name is kept in many places."""
        if event == "connect" and len(_token_in(args[1])) > LONGEST_TOKEN:
            raise ConnectionRefusedError
        if event == "disconnect" and self.on_leave is not None:
            self.on_leave(args[0])
        return await super()._trigger_event(event, namespace, *args)

    async def _handle_event_internal(
        self, server: socketio.AsyncServer, sid: str, eio_sid: str, data: Any, namespace: str, id: Any
    ) -> None:
        match data:
            case ["client_error", *words]:
                log.warning("page_failed", told=ascii(words)[:_MOST_TOLD])  # else as it is, line ends and all
                return
            case _:
                pass
        if wrong := what_is_wrong(data):
            log.warning("socket_message_refused", reason=wrong)
        else:
            await super()._handle_event_internal(server, sid, eio_sid, data, namespace, id)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - what the page's framework cannot read is the sender's fault
            log.warning("socket_message_refused", reason=repr(error)[:200])


def _token_in(environ: Mapping[str, Any]) -> str:
    return "".join(parse_qs(environ.get("QUERY_STRING", "")).get("token", []))


def what_is_wrong(said: object) -> str | None:
    """Return why no page would say this, or None; Reflex would log or convert what it cannot understand."""
    match said:
        case ["event", {"name": str(name), **event}]:
            if right_of_event(name) is None:
                return f"no event {name[:200]!a}"
            payload = event.get("payload") or {}
            return None if _fits(name, payload) else f"other arguments than those of {name}"
        case [str(kind), *_] if kind in SAID_BY_PAGES - {"event"}:
            return None
        case _:
            return "no message of a page"


def _fits(name: str, payload: object) -> bool:
    """Whether an event's arguments have the names, and for our handlers the types, that it takes."""
    handler = RegistrationContext.get().event_handlers[name]
    takes = dict(list(inspect.signature(handler.handler.fn).parameters.items())[1:])
    if not isinstance(payload, dict) or not payload.keys() <= takes.keys():
        return False
    if handler.states[0].__module__.startswith("reflex."):
        # No state of ours keeps anything in the browser, so nothing of it comes back in `vars`.
        return not payload.get("vars") and _is_a(list[str], payload.get("hashes") or [])
    return payload.keys() == takes.keys() and all(
        _is_a(takes[argument].annotation, value) for argument, value in payload.items()
    )


def _is_a(kind: object, value: object) -> bool:
    if kind in (list[str], list[int]):
        (element,) = get_args(kind)
        return isinstance(value, list) and all(type(each) is element for each in value)
    return type(value) is kind  # a bool is no int here


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

    callers: Callers | None = None

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Return None to let the event happen, an empty update to drop it."""
        right = right_of_event(event.name)
        session_id = state.router.session.session_id
        caller = STRANGER if self.callers is None else self.callers.of(session_id)
        if right is not None and right in caller.rights:
            await show_to(caller, state)
            return None
        if self.callers is None or self.callers.is_there(
            session_id
        ):  # a page that was left did nothing wrong
            log.warning("event_refused", handler=ascii(event.name[:200]), right=right)
        return StateUpdate()
