"""Values that the server's clock changes while nothing is sent."""

from typing import Any

import reflex as rx
from reflex.vars import BooleanVar, FunctionVar, StringVar

from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import each_of, expression, function, hook, stored


def ticking(write: FunctionVar[Any], *values: rx.Var[Any], gives: Any) -> Any:
    """Return what `write` makes of `values` and the time in ms, now and each second.

    Whatever uses it is drawn again only when that has changed. Before the page knows the time it is undefined.
    """
    use = function("ticking.js", "useTicking")
    return hook(expression(f"{use!s}({each_of([write, *values])})", use, write, *values), gives)


def as_of() -> StringVar[str]:
    """Return "as of 14:32:07" while the connection is lost, else null."""
    return hook(function("connection.js", "useAsOf").call(), str)


def is_lost() -> BooleanVar:
    """Whether the connection is lost."""
    return stored(function("connection.js", "connection"), expression("(held) => held.lost"), bool)


def full_time(at: rx.Var[str]) -> StringVar[str]:
    """Return a time with its day, to the second."""
    return function("ticking.js", "fullTimeOf").call(at).to(str)


@part
def ago(at: rx.Var[str], class_name: rx.Var[str]) -> rx.Component:
    """ "2 s ago", ticking."""
    return _time("agoOf", at, class_name)


@part
def clock_time(at: rx.Var[str], class_name: rx.Var[str]) -> rx.Component:
    """ "14:32" today, else with the day."""
    return _time("clockTimeOf", at, class_name)


def _time(write: str, at: rx.Var[str], class_name: rx.Var[str]) -> rx.Component:
    """Return a time as that function of `ticking.js` writes it, with the whole of it on hover."""
    words = ticking(function("ticking.js", write), at, gives=str)
    return rx.el.time(words, date_time=at, title=full_time(at), class_name=class_name)
