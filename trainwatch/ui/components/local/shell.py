"""What stands on every page: who is there, whether the page is current, and what just happened."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local


class Toasts(Local):
    """Each notification once, three at a time."""

    asset = "toasts.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


class Connection(Local):
    """Whether the page is current."""

    asset = "connection.jsx"
    joined: rx.Var[dict[str, Any]]
    failures: rx.Var[int]


class Blocked(Local):
    """Why a page that the server sends is never live."""

    asset = "connection.jsx"


class Account(Local):
    """Who is signed in, or the way to sign in; leaves for it when the session ends."""

    asset = "account.jsx"
    name: rx.Var[str]
    known: rx.Var[bool]
    signed_in: rx.Var[bool]
    door: rx.Var[dict[str, Any]]
    failing: rx.Var[bool]
