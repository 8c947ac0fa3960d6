"""What every page stands in: the header, the toasts, and the words for a page that broke."""

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes
from trainwatch.ui.components.account import account
from trainwatch.ui.components.connection import blocked, connection
from trainwatch.ui.components.toasts import toasts

SECTIONS = {"Tasks": routes.DASHBOARD, "Jobs": routes.JOBS}


def shell(*content: rx.Component, section: str = "") -> rx.Component:
    """A page: header, content, toasts; `section` is the one of `SECTIONS` that it belongs to."""
    return rx.el.div(
        rx.el.a("Skip to content", href="#content", class_name="skip"),
        _header(section),
        blocked(),
        rx.el.main(*content, id="content", class_name="page"),
        toasts(),
        class_name="shell",
    )


def _header(section: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            ReactRouterLink.create(
                _logo(),
                rx.el.span("TrainWatch"),
                to=routes.DASHBOARD,
                class_name="brand",
                custom_attrs={"aria-label": "TrainWatch"},
            ),
            _navigation(section),
            rx.el.div(
                connection(),
                _mode_button(),
                account(),
                class_name="header-side",
            ),
            class_name="header-inner",
        ),
        class_name="header",
    )


def _navigation(section: str) -> rx.Component:
    links = [
        ReactRouterLink.create(
            name,
            to=address,
            class_name="nav-link",
            custom_attrs={"aria-current": "true"} if name == section else {},
        )
        for name, address in SECTIONS.items()
    ]
    return rx.el.nav(*links, class_name="nav", aria_label="Sections")


def _logo() -> rx.Component:
    """A falling curve and the eye that watches it."""
    return rx.el.svg(
        rx.el.path(d="M3.5 5.2c1.2 7 4.6 10.4 14.6 11", class_name="logo-curve"),
        rx.el.circle(cx="16.4", cy="6.4", r="2.5", class_name="logo-eye"),
        view_box="0 0 22 22",
        width="22",
        height="22",
        fill="none",
        aria_hidden="true",
    )


def _mode_button() -> rx.Component:
    return rx.el.button(
        rx.el.svg(
            rx.el.path(
                d="M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.4v1.4m0 10.4v1.4M1.4 8h1.4m10.4 0h1.4"
                "M3.3 3.3l1 1m7.4 7.4 1 1m0-9.4-1 1M4.3 11.7l-1 1",
                class_name="mode-sun",
            ),
            rx.el.path(d="M13 9.6A5.4 5.4 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.6", class_name="mode-moon"),
            view_box="0 0 16 16",
            width="16",
            height="16",
            class_name="icon",
            aria_hidden="true",
        ),
        type="button",
        class_name="button is-icon",
        aria_label="Switch between light and dark",
        title="Light or dark",
        on_click=rx.toggle_color_mode,
    )


def crashed(_is_stateful: bool) -> rx.Component:
    """What is shown when a component raised: plain words and a way on."""
    return ErrorBoundary.create(
        fallback_render=rx.el.div(
            rx.el.h1("This page broke"),
            rx.el.p("Your tasks are not affected. Reload the page to go on."),
            class_name="page notfound",
        ),
    )
