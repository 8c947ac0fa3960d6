"""What a part keeps for itself while it is shown, such as whether all of a list is."""

from typing import Any

import reflex as rx
from reflex.vars import FunctionVar, VarData

from trainwatch.ui.browser.script import expression, handler, imported, needs


class Kept:
    """A value in the browser that belongs to one part on the page; the server never hears of it."""

    def __init__(self, name: str, initial: Any, gives: Any) -> None:
        """Begin with `initial`; within one part each has a `name` of its own."""
        use_state = imported("react", "useState")
        first = rx.Var.create(initial)
        keep = f"const [{name}, set_{name}] = {use_state!s}({first!s})"
        data = VarData(hooks={keep: VarData.merge(needs(use_state), needs(first))})
        self.value = rx.Var(name, _var_data=data).to(gives)
        self.setter = rx.Var(f"set_{name}", _var_data=data)
        """The function that sets it, for a handler of a part within."""

    def becomes(self, value: rx.Var[Any] | Any, *arguments: str) -> FunctionVar[Any]:
        """Return an event handler that sets it to `value`, which may use the handler's `arguments`."""
        wanted = rx.Var.create(value)
        return handler(expression(f"{self.setter!s}({wanted!s})", self.setter, wanted), *arguments)

    def becomes_chosen(self, read: str = "String") -> FunctionVar[Any]:
        """Return a handler of a field that sets it to what was chosen there, as `read` reads its text."""
        return self.becomes(rx.Var(f"{read}(chosen)"), "chosen")
