"""For an address that leads nowhere."""

import reflex as rx

from trainwatch.ui.components.nothing_here import nothing_here
from trainwatch.ui.components.shell import shell


def not_found_page() -> rx.Component:
    """A page of its own for unknown addresses."""
    return shell(nothing_here("There is no page at this address."))
