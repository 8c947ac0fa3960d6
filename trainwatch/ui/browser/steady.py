"""Buttons whose meaning may change under the pointer."""

from typing import Any

import reflex as rx
from reflex.vars import BooleanVar

from trainwatch.ui.browser.script import function, hook


def settling(meaning: rx.Var[Any]) -> BooleanVar:
    """Whether a click in this moment may be meant for what the button, or the one in its place, meant before."""
    return hook(function("steady.js", "useSettling").call(meaning), bool)
