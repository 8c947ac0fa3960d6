"""Why something was refused, beside what was asked for."""

from typing import Any

import reflex as rx


def problem(words: Any, **more: Any) -> rx.Component:
    """A line in red that is read out when it appears; nothing while there are no words."""
    return rx.cond(words, rx.el.p(words, class_name="problem", role="alert", **more), rx.fragment())
