"""Objects of the scripts as Python classes whose attributes are Vars."""

from functools import cache
from typing import Any, get_args, get_type_hints

import reflex as rx
from reflex.vars import BooleanVar

from trainwatch.ui.browser.script import expression


class Shape:
    """An object that a script holds; each annotation is a value of it, called in camelCase there.

    What is not there is `undefined`, as all of it is where the object itself is not.
    """

    held: rx.Var[Any]

    def __init__(self, held: rx.Var[Any]) -> None:
        """Read the object that `held` stands for."""
        self.held = held

    def __getattr__(self, name: str) -> Any:
        kind = values_of(type(self)).get(name)
        if kind is None:
            raise AttributeError(f"{type(self).__name__} has no value {name}")
        value = expression(f'{self.held!s}?.["{camel_case(name)}"]', self.held)
        if isinstance(kind, type) and issubclass(kind, Shape):
            return kind(value)
        return value.to(bool if kind is BooleanVar else get_args(kind)[0])


@cache
def values_of(shape: type[Shape]) -> dict[str, Any]:
    """Return the values of a shape with their kinds, by the names that they have in Python."""
    return {name: kind for name, kind in get_type_hints(shape).items() if name != "held"}


def camel_case(name: str) -> str:
    """Return a name of Python as scripts write it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def is_known(value: rx.Var[Any]) -> BooleanVar:
    """Whether there is a value: neither null nor undefined."""
    return expression(f"({value!s} != null)", value).to(bool)
