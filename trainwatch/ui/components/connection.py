"""Whether the page is current, and why one never is."""

import reflex as rx
from reflex.vars import BooleanVar, StringVar
from reflex_components_core.core.banner import connection_errors_count

from trainwatch.ui.browser.clock import as_of
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import expression, function, hook, stored
from trainwatch.ui.state.live import Live

_WORDS = {"lost": "Reconnecting…", "live": "Live", "joining": "Connecting…", "hidden": ""}
_WHY = {
    "lost": "The server cannot be reached. What you see may be old; it is tried again every second.",
    "live": "Connected: changes appear as they happen.",
}


@part
def connection() -> rx.Component:
    """Whether what is on the page is current; it waits a moment before it says "Connecting"."""
    use = function("connection_state.js", "useConnectionState")
    state: StringVar[str] = hook(use.call(Live.joined, connection_errors_count), str)
    return rx.el.span(
        rx.el.span(class_name="dot", aria_hidden="true"),
        rx.el.span(rx.Var.create(_WORDS)[state].to(str)),
        rx.cond(as_of(), rx.el.span(as_of(), class_name="num")),
        class_name=f"connection is-{state}",
        role="status",
        title=rx.Var.create(_WHY)[state].to(str),
    )


@part
def blocked() -> rx.Component:
    """Why a page that the server sends is never live; nothing while it is."""
    is_blocked: BooleanVar = stored(
        function("connection.js", "connection"), expression("(held) => held.blocked"), bool
    )
    return rx.cond(
        is_blocked,
        rx.el.p(
            rx.el.strong("This page is not live."),
            " The server answers, but no websocket reaches it. A proxy in front of it must pass the headers ",
            rx.el.code("Upgrade"),
            " and ",
            rx.el.code("Connection"),
            " on; the documentation has examples. Until then, reload to see what is new.",
            class_name="blocked",
            role="alert",
        ),
    )
