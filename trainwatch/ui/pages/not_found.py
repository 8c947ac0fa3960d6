"""For an address that leads nowhere."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes
from trainwatch.ui.components.shell import shell


def not_found_page() -> rx.Component:
    """A page of its own for unknown addresses."""
    return shell(nothing_here("There is no page at this address."))


def nothing_here(reason: str, *, all_of: str = "tasks", to: str = routes.DASHBOARD) -> rx.Component:
    """Say what is missing and how to go on: to the list of `all_of`."""
    return rx.el.div(
        rx.el.p("404", class_name="notfound-code num"),
        rx.el.h1("Not found"),
        rx.el.p(reason),
        ReactRouterLink.create(f"See all {all_of}", to=to, class_name="button is-primary"),
        class_name="notfound",
    )
