"""What React draws again by itself, and nothing around it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import reflex as rx


def part(draw: Callable[..., rx.Component]) -> Callable[..., rx.Component]:
    """Return a function whose calls are components of their own; its parameters are Vars, given by name.

    In a list give its `key` too: what stays itself while its neighbours come and go.
    """
    memo = rx.memo(draw)

    @wraps(draw)
    def create(*, key: rx.Var[Any] | str | None = None, **values: Any) -> rx.Component:
        component = memo(**values)
        if key is not None:
            component.key = key
        return component

    return create
