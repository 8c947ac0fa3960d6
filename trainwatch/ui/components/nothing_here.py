"""What stands in the place of something that is not there."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes


def nothing_here(reason: str, *, all_of: str = "tasks", to: str = routes.DASHBOARD) -> rx.Component:
    """Say what is missing and how to go on: to the list of `all_of`."""
    return rx.el.div(
        rx.el.p("404", class_name="notfound-code num"),
        rx.el.h1("Not found"),
        rx.el.p(reason),
        ReactRouterLink.create(f"See all {all_of}", to=to, class_name="button is-primary"),
        class_name="notfound",
    )
