"""A button whose meaning may change under the pointer."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import of_nothing


class SteadyButton(rx.Component):
    """Does not do by a click what it has come to mean in the moment before; nor anything twice by a double click."""

    library = "$/public/steady_button.jsx"
    tag = "SteadyButton"
    meaning: rx.Var[str]
    disabled: rx.Var[bool]
    on_act: rx.EventHandler[of_nothing]


def steady_button(*content: Any, meaning: str | rx.Var[str], **props: Any) -> rx.Component:
    """Return such a button; `on_act` is what it does."""
    return SteadyButton.create(*content, meaning=meaning, **props)
