"""A button for what cannot be undone: it asks first, in a dialog that the browser itself opens and closes."""

from typing import Any

import reflex as rx


def asking(
    name: str | rx.Var[str],
    label: str,
    *,
    title: str | rx.Var[str],
    words: str | rx.Var[str],
    act: str,
    on_act: Any,
) -> rx.Component:
    """A button with a dialog behind it; `name` is unique on the page, `on_act` what happens if so wished."""
    hide = {"popovertarget": name, "popovertargetaction": "hide"}
    return rx.el.div(
        rx.el.button(
            label,
            type="button",
            class_name="button is-small",
            custom_attrs={"popovertarget": name},
        ),
        rx.el.div(
            rx.el.h3(title),
            rx.el.p(words),
            rx.el.div(
                rx.el.button(
                    "Keep", type="button", class_name="button", custom_attrs={**hide, "autofocus": ""}
                ),
                rx.el.button(
                    act,
                    type="button",
                    class_name="button is-danger is-filled",
                    custom_attrs=hide,
                    on_click=on_act,
                ),
                class_name="dialog-acts",
            ),
            id=name,
            role="alertdialog",
            aria_label=title,
            class_name="dialog card",
            custom_attrs={"popover": "auto"},
        ),
        class_name="asking",
    )
