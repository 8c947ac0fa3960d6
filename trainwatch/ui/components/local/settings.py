"""What the settings page needs of the browser."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local


class SignOut(Local):
    """A button that ends the session."""

    asset = "account.jsx"


class Snippet(Local):
    """A text to copy."""

    asset = "copy.jsx"
    label: rx.Var[str]
    text: rx.Var[str]


class KeyTrial(Local):
    """A line for a terminal that uses a key."""

    asset = "copy.jsx"
    secret: rx.Var[str]
    path: rx.Var[str]
    body: rx.Var[str]
