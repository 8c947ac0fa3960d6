"""Numbers as people read them; what is not known is "--"."""

from typing import Any

import reflex as rx
from reflex.vars import NumberVar, StringVar

from trainwatch.ui.browser.script import function


def _written(name: str, value: rx.Var[Any]) -> StringVar[str]:
    return function("format.js", name).call(value).to(str)


def counted(value: rx.Var[Any]) -> StringVar[str]:
    """ "12,345"; it must be known."""
    return _written("counted", value)


def rounded(value: rx.Var[Any]) -> StringVar[str]:
    """A whole number."""
    return _written("rounded", value)


def gibibytes(value: rx.Var[Any]) -> StringVar[str]:
    """Bytes in GiB, without the unit."""
    return _written("gibibytes", value)


def decimals(value: rx.Var[Any], places: int) -> StringVar[str]:
    """A number with so many decimals."""
    return function("format.js", "decimals").call(value, places).to(str)


def percent(fraction: rx.Var[Any]) -> StringVar[str]:
    """A fraction in whole percent, rounded down: "42%"."""
    return _written("percent", fraction)


def whole_percent(fraction: rx.Var[Any]) -> NumberVar[int]:
    """A fraction in whole percent as a number; undefined where it is not known."""
    return function("format.js", "wholePercent").call(fraction).to(int)


def share(fraction: rx.Var[Any]) -> StringVar[str]:
    """A fraction as a width: "12.3%"; none where it is not known."""
    return _written("share", fraction)


def rhythm(seconds: rx.Var[Any]) -> StringVar[str]:
    """How often a task reports: "3s", "<1s"."""
    return function("liveness.js", "rhythm").call(seconds).to(str)


def metric(value: rx.Var[Any]) -> StringVar[str]:
    """A metric of any size, in about five characters."""
    return _written("metric", value)
