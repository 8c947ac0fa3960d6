"""A question before something that cannot be taken back."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import of_nothing


class Dialog(rx.Component):
    """`verb` is on the button that does it, `no` on the other; it is opened by its `id`.

    Where what it asks is not possible there is no button for it.
    """

    library = "$/public/dialog.jsx"
    tag = "Dialog"
    title: rx.Var[str]
    verb: rx.Var[str]
    no: rx.Var[str]
    is_possible: rx.Var[bool]
    on_yes: rx.EventHandler[of_nothing]


class FoldersLost(rx.Component):
    """What goes with real jobs that are deleted, beside what the database holds of them."""

    library = "$/public/folders_lost.jsx"
    tag = "FoldersLost"
    rows: rx.Var[list[dict[str, Any]]]
