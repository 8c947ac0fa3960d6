"""What stands where a list would: while it comes, when it cannot, and when there is nothing."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import overview

_GHOSTS = ("55%", None, "70%", "60%")
_ROWS = 6


def waiting() -> rx.Component:
    """A list that has not come yet."""
    return rx.el.div(
        *(rx.el.div(*map(_ghost, _GHOSTS), class_name="row") for _ in range(_ROWS)),
        class_name="rows card",
        aria_busy="true",
        aria_label="Loading",
    )


def _ghost(width: str | None) -> rx.Component:
    style = {"style": rx.Var.create({"width": width})} if width else {}
    return rx.el.span(class_name="ghost", custom_attrs=style)


def unloaded(what: str) -> rx.Component:
    """Why a list could not be fetched, and a way to try again."""
    return quiet(
        f"The {what} could not be loaded",
        overview.problem(),
        rx.el.span(
            rx.el.button("Retry", type="button", class_name="button", on_click=overview.load()),
            class_name="quiet-acts",
        ),
    )


def quiet(title: str, *content: Any) -> rx.Component:
    """Words in place of a list."""
    return rx.el.div(rx.el.h2(title), rx.el.p(*content), class_name="card quiet")
