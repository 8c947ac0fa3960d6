"""A text to take away to a terminal."""

import reflex as rx


class Snippet(rx.Component):
    """A text with a button that copies it."""

    library = "$/public/copy.jsx"
    tag = "Snippet"
    label: rx.Var[str]
    text: rx.Var[str]
