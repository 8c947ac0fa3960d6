"""A link to a file."""

import reflex as rx


class Download(rx.Component):
    """A plain link: Reflex's own would ask its router for a page."""

    library = "$/public/download.jsx"
    tag = "Download"
    href: rx.Var[str]
