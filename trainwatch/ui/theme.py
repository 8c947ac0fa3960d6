"""What every page's head needs: style sheets, icons and the browser's own colours.

The design itself (palette, type, spacing) is in assets/styles/base.css, as custom properties.
"""

import reflex as rx

STYLESHEETS = [
    f"/styles/{room}.css"
    for room in (
        *("base", "parts", "forms", "header"),
        *("dashboard", "rows", "rail"),
        *("task_head", "task", "task_cards", "curve"),
        *("jobs", "new_job", "sign_in", "settings"),
        *("log", "tracked", "tracked_cards"),
    )
]
"""In the order in which they may overrule each other; the build makes one file of them."""

LIGHT_BACKGROUND = "#fafafb"
DARK_BACKGROUND = "#0b0c0f"


def head() -> list[rx.Component]:
    """Return what goes into the head of every page."""
    return [
        rx.el.link(
            rel="preload",
            href="/inter.woff2",
            type="font/woff2",
            cross_origin="",
            custom_attrs={"as": "font"},
        ),
        rx.el.link(rel="icon", type="image/svg+xml", href="/favicon.svg"),
        rx.el.meta(
            name="theme-color",
            content=LIGHT_BACKGROUND,
            custom_attrs={"media": "(prefers-color-scheme: light)"},
        ),
        rx.el.meta(
            name="theme-color",
            content=DARK_BACKGROUND,
            custom_attrs={"media": "(prefers-color-scheme: dark)"},
        ),
    ]
