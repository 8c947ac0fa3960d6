"""Objects of the scripts as Python classes whose attributes are Vars."""

from functools import cache
from typing import Any, ClassVar, get_type_hints

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, NumberVar, ObjectVar, StringVar

from trainwatch.ui.browser.script import expression

_KINDS: dict[Any, Any] = {
    StringVar: str,
    NumberVar: float,
    BooleanVar: bool,
    ArrayVar: list[Any],
    ObjectVar: dict[str, Any],
}


class Shape:
    """An object that a script holds; each annotation is a value of it, called in camelCase there.

    What is not there, and what the object has where it is null, is `undefined`.
    """

    _hidden: ClassVar[frozenset[str]] = frozenset({"held"})
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
        return value.to(_KINDS[kind])


@cache
def values_of(shape: type[Shape]) -> dict[str, Any]:
    """Return the values of a shape with their kinds, by the names that they have in Python."""
    hints = get_type_hints(shape)
    return {
        name: getattr(kind, "__origin__", kind)
        for name, kind in hints.items()
        if name not in Shape._hidden and not name.startswith("_")
    }


def camel_case(name: str) -> str:
    """Return a name of Python as scripts write it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def is_known(value: rx.Var[Any]) -> BooleanVar:
    """Whether there is a value: neither null nor undefined."""
    return expression(f"({value!s} != null)", value).to(bool)
