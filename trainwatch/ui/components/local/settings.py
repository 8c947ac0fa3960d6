"""What the settings page needs of the browser."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_nothing


class SignOut(Local):
    """A button that ends the session."""

    asset = "account.jsx"


class News(Local):
    """Nothing to see: causes `on_news` whenever `frame` is another."""

    asset = "news.jsx"
    frame: rx.Var[dict[str, Any]]
    on_news: rx.EventHandler[of_nothing]


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
