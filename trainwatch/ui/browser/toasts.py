"""The store of the notifications that stand over whatever page is open: what `assets/toast_list.js` holds."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, FunctionVar, StringVar

from trainwatch.ui.browser.script import function, handler, hook


def shown(frame: rx.Var[Any], joined: rx.Var[Any]) -> ArrayVar[list[dict[str, Any]]]:
    """Return the notifications to show, the oldest first, as the broadcast vars tell of them."""
    return hook(function("toasts.js", "useToasts").call(frame, joined), list[dict[str, Any]])


def leaving(note_id: rx.Var[Any], level: rx.Var[str]) -> StringVar[str]:
    """Let a toast go after a while; return the class of one that stays, for it is looked at."""
    return hook(function("toasts.js", "useLeaving").call(note_id, level), str)


def close(note_id: rx.Var[Any]) -> FunctionVar[Any]:
    """Return a handler that closes one."""
    return handler(function("toast_list.js", "close").call(note_id))


def close_all() -> FunctionVar[Any]:
    """Return a handler that closes all."""
    return handler(function("toast_list.js", "closeAll").call())


def point_at(note_id: rx.Var[Any] | None) -> FunctionVar[Any]:
    """Return a handler of the mouse that comes to one, or leaves it (None)."""
    return handler(function("toast_list.js", "pointAt").call(note_id))


def focus_on(note_id: rx.Var[Any] | None) -> FunctionVar[Any]:
    """Return a handler of the focus that comes to one, or leaves it (None)."""
    return handler(function("toast_list.js", "focusOn").call(note_id))
