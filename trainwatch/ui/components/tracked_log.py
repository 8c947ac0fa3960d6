"""What happened to a tracked task, as it does."""

from typing import Any

import reflex as rx
from reflex.vars import StringVar

from trainwatch.ui.browser import event_log, task
from trainwatch.ui.browser.clock import full_time, ticking
from trainwatch.ui.browser.event_log import Event
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import function, hook
from trainwatch.ui.browser.shapes import Shape
from trainwatch.ui.components.icon import icon
from trainwatch.ui.state.live import Live

_TYPES = {"": "All", "action": "Actions", "progress": "Progress", "error": "Errors"}
_NONE = {
    "": "Nothing has happened yet.",
    "action": "No action was finished.",
    "progress": "No criterion was verified, no limit was reached.",
    "error": "No error was reported.",
}


@part
def tracked_log() -> rx.Component:
    """The events, of one type or of all; nothing for other tasks."""
    return rx.cond(event_log.feed(rx.Var.create(Live.task), rx.Var.create(Live.joined)), _log())


class _Box(Shape):
    ref: StringVar[str]
    style: StringVar[str]


@part
def _log() -> rx.Component:
    problem, loaded, kind = event_log.problem(), event_log.loaded(), event_log.kind()
    box = _Box(hook(function("event_feed.js", "useHeldHeight").call(loaded), dict[str, Any]))
    none = rx.cond(loaded, rx.Var.create(_NONE)[kind].to(str), "Reading…")
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Events"),
            rx.el.div(
                *(_type(name, label) for name, label in _TYPES.items()),
                class_name="segments",
                role="group",
                aria_label="Which events",
            ),
            class_name="card-head",
        ),
        rx.cond(problem, rx.el.p(problem, class_name="hint", role="status")),
        rx.el.div(
            rx.cond(event_log.events().length() > 0, _lines(), rx.el.p(none, class_name="events-none hint")),
            class_name="events-held",
            custom_attrs={"ref": box.ref, "style": box.style},
        ),
        class_name="card events",
        aria_label="Events",
    )


def _type(name: str, label: str) -> rx.Component:
    pressed = {"aria-pressed": event_log.kind() == name}
    return rx.el.button(label, type="button", on_click=event_log.choose(name), custom_attrs=pressed)


@part
def _lines() -> rx.Component:
    is_stopped = task.row().status == "stopped"
    return rx.el.div(
        rx.el.ol(
            rx.foreach(
                event_log.events(), lambda each: _event(held=each, is_stopped=is_stopped, key=Event(each).id)
            )
        ),
        rx.cond(
            event_log.has_older(),
            rx.el.button(
                "Show older", type="button", class_name="button is-small", on_click=event_log.show_older()
            ),
        ),
        class_name="events-box",
        role="region",
        aria_label="Events, the newest first",
        custom_attrs={"tabIndex": 0},
    )


@part
def _event(held: rx.Var[dict[str, Any]], is_stopped: rx.Var[bool]) -> rx.Component:
    """One line. Who was stopped did not fail, though to its tracker that is one; an action brings its own mark along."""
    event = Event(held)
    obeyed = is_stopped & (event.event_type == "complete")
    tone = function("event_feed.js", "toneOf").call(held, obeyed).to(str)
    is_action = event.event_type == "action"
    drawn = rx.cond(obeyed, "stopped", rx.cond(event.event_type == "start", "running", tone))
    words = rx.cond(obeyed, "Task stopped", rx.cond(is_action, event.message[2:], event.message))
    at: StringVar[str] = ticking(function("event_feed.js", "exactTimeOf"), event.timestamp, gives=str)
    return rx.el.li(
        rx.el.span(rx.cond(is_action, event.message[:2], icon(drawn, size=14)), class_name="event-mark"),
        rx.el.span(words, class_name="event-words"),
        rx.el.time(at, class_name="caption num", date_time=event.timestamp, title=full_time(event.timestamp)),
        class_name=f"is-{tone} of-{event.event_type}",
    )
