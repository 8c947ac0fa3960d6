"""What the server broadcasts. Only `ui.push` sets these vars, and no handler reads them."""

from typing import Any

import reflex as rx


class Live(rx.State):
    """One var a room; the scripts of the browser's stores read them and keep what they need.

    A broadcast does not touch the server's copy, so a reconnect hydrates these as empty.
    """

    overview: dict[str, Any] = {}
    task: dict[str, Any] = {}
    toasts: dict[str, Any] = {}
    joined: dict[str, Any] = {}
    log: dict[str, Any] = {}
    door: dict[str, Any] = {}
    access: dict[str, Any] = {}
