"""The store of a tracked task's events: what `assets/tracked_events.js` holds."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, FunctionVar, NumberVar, ObjectVar, StringVar

from trainwatch.ui.browser.script import expression, function, handler, hook, stored
from trainwatch.ui.browser.shapes import Shape

_STORE = function("tracked_events.js", "eventLog")


class Event(Shape):
    """Something that an agent told."""

    id: NumberVar[int]
    event_type: StringVar[str]
    message: StringVar[str]
    details: ObjectVar[dict[str, Any]]
    timestamp: StringVar[str]


def _held(path: str, gives: Any) -> Any:
    return stored(_STORE, expression(f"(held) => held.{path}"), gives)


def feed(frame: rx.Var[Any], joined: rx.Var[Any]) -> StringVar[str]:
    """Fill the store as the broadcast vars tell; return the tracker's name for the task, null where nobody tracks it."""
    return hook(function("event_feed.js", "useEventFeed").call(frame, joined), str)


def kind() -> StringVar[str]:
    """Of which type the events are; empty for all."""
    return _held("type", str)


def events() -> ArrayVar[list[dict[str, Any]]]:
    """The events, the newest first."""
    return _held("events", list[dict[str, Any]])


def has_older() -> BooleanVar:
    """Whether there may be more of them."""
    return _held("older", bool)


def loaded() -> BooleanVar:
    """Whether they have come, or could not be fetched."""
    return _held("loaded", bool)


def problem() -> StringVar[str]:
    """Why they could not be fetched; empty for no reason."""
    return _held("problem", str)


def choose(wanted: str) -> FunctionVar[Any]:
    """Return a handler that shows those of one type, or all."""
    return handler(function("tracked_events.js", "choose").call(wanted))


def show_older() -> FunctionVar[Any]:
    """Return a handler that fetches more of them."""
    return handler(function("tracked_events.js", "showOlder").call())
