"""What stays on the page while the server catches up."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_nothing


class Lasting(Local):
    """Its children, which outlast a break of the connection; `of` is None while it is not known what they are of.

    Where `of` is empty, `otherwise` stands instead. `on_leave` happens when the page is left for another.
    """

    asset = "lasting.jsx"
    of: rx.Var[str | None]
    otherwise: rx.Var[str]
    on_leave: rx.EventHandler[of_nothing]
