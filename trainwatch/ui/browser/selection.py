"""The store of the jobs that somebody has chosen of the list: what `assets/selection.js` holds."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, FunctionVar, NumberVar

from trainwatch.ui.browser.script import expression, function, handler, hook, stored
from trainwatch.ui.browser.shapes import Shape

_STORE = function("selection.js", "selection")


class Chosen(Shape):
    """The ids of those that are chosen, and of them that can be started, stopped and deleted."""

    all: ArrayVar[list[int]]
    is_each: BooleanVar
    starting: ArrayVar[list[int]]
    stopping: ArrayVar[list[int]]
    deleting: ArrayVar[list[int]]


class Doomed(Shape):
    """The rows that a question is about, and how many of the chosen are none of them."""

    rows: ArrayVar[list[dict[str, Any]]]
    kept: NumberVar[int]


def chosen(*, simulate: rx.Var[bool], operate: rx.Var[bool]) -> Chosen:
    """Return what is chosen, by the rights of who looks."""
    return Chosen(hook(function("selection.js", "useChosen").call(simulate, operate), dict[str, Any]))


def doomed() -> Doomed:
    """Return what the question is about."""
    return Doomed(stored(_STORE, expression("(held) => held.doomed"), dict[str, Any]))


def doomed_ids() -> ArrayVar[list[int]]:
    """Return the ids of the rows that the question is about."""
    return stored(_STORE, expression("(held) => held.doomed.ids"), list[int])


def is_picked(job_id: rx.Var[int]) -> BooleanVar:
    """Whether a job is chosen."""
    return stored(_STORE, expression(f"(held) => held.picked.has({job_id!s})", job_id), bool)


def pick(job_id: rx.Var[int]) -> FunctionVar[Any]:
    """Return a handler of a box: choose the job, or not."""
    return handler(function("selection.js", "pick").call(job_id, rx.Var("isOn")), "isOn")


def pick_all() -> FunctionVar[Any]:
    """Return a handler of a box: choose each job, or none."""
    return handler(function("selection.js", "pickAll").call(rx.Var("isOn")), "isOn")


def pick_none() -> FunctionVar[Any]:
    """Return a handler that chooses none."""
    return handler(function("selection.js", "pickAll").call(rx.Var("false")))


def ask_to_delete(dialog: str) -> FunctionVar[Any]:
    """Return a handler that asks about those that can be deleted now, by the dialog of that id."""
    return handler(function("selection.js", "askToDelete").call(dialog))


def partly(some: rx.Var[bool]) -> rx.Var[Any]:
    """Return the ref of a box that is neither on nor off while `some` are chosen."""
    return function("selection.js", "partly").call(some)
