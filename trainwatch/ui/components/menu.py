"""A menu behind a button."""

import reflex as rx


class Menu(rx.Component):
    """A button that opens a menu of its children, which have the role `menuitem`; it stays as it was opened."""

    library = "$/public/menu.jsx"
    tag = "Menu"
    label: rx.Var[str]
    face: rx.Var[rx.Component]
