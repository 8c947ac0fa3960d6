"""The icons, which are decorative: whatever one stands beside says the same in words."""

import reflex as rx


class _Icon(rx.Component):
    library = "$/public/icons.jsx"
    tag = "Icon"
    name: rx.Var[str]
    size: rx.Var[int]


def icon(name: str | rx.Var[str], *, size: int = 16) -> rx.Component:
    """Return the icon of that name, `size` px wide and high."""
    return _Icon.create(name=name, size=size)
