"""The way up from a page."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink


def back_link(words: str, to: str) -> rx.Component:
    """The way up, at the top of a page."""
    return ReactRouterLink.create(_arrow(), words, to=to, class_name="back")


def _arrow() -> rx.Component:
    return rx.el.svg(
        rx.el.path(d="M9.5 3.8 5.3 8l4.2 4.2"),
        view_box="0 0 16 16",
        width="16",
        height="16",
        class_name="icon",
        aria_hidden="true",
    )
