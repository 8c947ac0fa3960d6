"""Ways to other pages that do not load the whole of it again."""

from typing import Any

import reflex as rx
from reflex.vars import FunctionVar
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui.browser.script import expression, handler, hook, imported


def link(*content: Any, to: str | rx.Var[str], **props: Any) -> rx.Component:
    """Return a link to another page of ours."""
    return ReactRouterLink.create(*content, to=to, **props)


def follow(to: str | rx.Var[str], *, where: rx.Var[Any] | bool = True, beside: str = "a") -> FunctionVar[Any]:
    """Return a handler of clicks beside a link, which lead where it does, if it does; a convenience of the mouse.

    What is clicked `beside` it, elements by a selector, does what it does itself.
    """
    navigate = hook(imported("react-router", "useNavigate").call(), Any)
    address, leads = rx.Var.create(to), rx.Var.create(where)
    script = f'!({leads!s}) || event.target.closest("{beside}") || {navigate!s}({address!s})'
    return handler(expression(script, navigate, address, leads), "_pointer", "event")
