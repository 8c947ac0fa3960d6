"""A question before something that cannot be taken back."""

import reflex as rx

from trainwatch.ui.components.local.shape import of_nothing


class Dialog(rx.Component):
    """`verb` is on the button that does it; a script opens it by its `id`."""

    library = "$/public/dialog.jsx"
    tag = "Dialog"
    title: rx.Var[str]
    verb: rx.Var[str]
    on_yes: rx.EventHandler[of_nothing]
