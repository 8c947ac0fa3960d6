"""A bar of how much of something is done."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser.format import share, whole_percent


def track(
    label: str | rx.Var[str], fraction: rx.Var[Any], *, tone: rx.Var[str], spoken: str | rx.Var[str]
) -> rx.Component:
    """The bar of a fraction, empty where that is not known; `spoken` is told to who cannot see it."""
    width = rx.Var.create({"width": share(fraction)})
    return rx.el.div(
        rx.el.div(class_name="progress-bar", custom_attrs={"style": width}),
        role="progressbar",
        class_name=f"track is-{tone}",
        aria_label=label,
        custom_attrs={
            "aria-valuemin": 0,
            "aria-valuemax": 100,
            "aria-valuenow": whole_percent(fraction),
            "aria-valuetext": spoken,
        },
    )
