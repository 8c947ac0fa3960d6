"""What the settings page needs of the browser."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_nothing


def of_four_texts(
    first: rx.Var[str], second: rx.Var[str], third: rx.Var[str], fourth: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[str]]:
    """An event with four texts."""
    return first, second, third, fourth


class News(Local):
    """Nothing to see: causes `on_news` whenever `frame` is another."""

    asset = "news.jsx"
    frame: rx.Var[dict[str, Any]]
    on_news: rx.EventHandler[of_nothing]


class KeyCard(Local):
    """The card of the keys, its children, with the form for a new one; `answer` says what came of that form.

    `on_create` brings what the form calls itself, the label, the scope and the expiry; `on_taken` says that a new key has arrived.
    """

    asset = "key_card.jsx"
    scopes: rx.Var[dict[str, str]]
    expiries: rx.Var[list[str]]
    answer: rx.Var[dict[str, Any]]
    on_create: rx.EventHandler[of_four_texts]
    on_taken: rx.EventHandler[of_nothing]
