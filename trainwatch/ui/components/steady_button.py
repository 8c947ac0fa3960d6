"""A button that does nothing twice."""

import reflex as rx

from trainwatch.ui.components.local.shape import of_nothing


class SteadyButton(rx.Component):
    """Does nothing by the second click of a double click, nor while it is `settling` (see `browser.steady`)."""

    library = "$/public/steady_button.jsx"
    tag = "SteadyButton"
    settling: rx.Var[bool]
    disabled: rx.Var[bool]
    title: rx.Var[str]
    on_act: rx.EventHandler[of_nothing]


steady_button = SteadyButton.create
