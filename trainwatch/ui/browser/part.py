"""What React draws again by itself, and nothing around it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import reflex as rx


def part(draw: Callable[..., rx.Component]) -> Callable[..., rx.Component]:
    """Return a function whose calls are components of their own; its parameters are Vars, given by name.

    One that is called `children` is what else the call names. In a list give its `key` too: what stays itself while its neighbours come and go.
    """
    memo = rx.memo(draw)

    @wraps(draw)
    def create(*children: rx.Component, key: rx.Var[Any] | str | None = None, **values: Any) -> rx.Component:
        component = memo(*children, **values)
        if key is not None:
            component.key = key
        return component

    return create
