"""The one frame that side panels share."""

import reflex as rx


def card(
    title: str, *content: rx.Component, extra: rx.Component | None = None, name: str = ""
) -> rx.Component:
    """A titled card; `extra` stands at the right of the title."""
    return rx.el.section(
        rx.el.header(rx.el.h2(title), extra or rx.fragment(), class_name="card-head"),
        *content,
        class_name=f"card {name}",
    )
