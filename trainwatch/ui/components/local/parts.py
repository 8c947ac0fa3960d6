"""Small things that stand anywhere."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local


class Ago(Local):
    """A time as "3 min ago", ticking, with the exact one on hover."""

    asset = "clock.jsx"
    at: rx.Var[str]


class Icon(Local):
    """A small drawing beside words."""

    asset = "icons.jsx"
    name: rx.Var[str]
