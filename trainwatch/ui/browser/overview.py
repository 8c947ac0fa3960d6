"""The store of a list page: what `assets/overview.js` holds."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, FunctionVar, NumberVar, StringVar

from trainwatch.ui.browser.rows import Gpu, ListedTask, Notification
from trainwatch.ui.browser.script import expression, function, handler, hook, stored

_STORE = function("overview.js", "overview")


def _held(path: str, gives: Any) -> Any:
    return stored(_STORE, expression(f"(held) => held.{path}"), gives)


def _with_id(name: str, wanted: rx.Var[Any]) -> rx.Var[Any]:
    pick = expression(f"(held) => held.{name}.find((each) => each.id === {wanted!s})", wanted)
    return stored(_STORE, pick, dict[str, Any])


def loaded() -> BooleanVar:
    """Whether the server has answered once, or could not be asked."""
    return _held("loaded", bool)


def problem() -> StringVar[str]:
    """Why the list could not be fetched; empty for no reason."""
    return _held("problem", str)


def gpus() -> ArrayVar[list[dict[str, Any]]]:
    """Every GPU."""
    return _held("gpus", list[dict[str, Any]])


def gpu(wanted: rx.Var[int]) -> Gpu:
    """One GPU, by its id."""
    return Gpu(_with_id("gpus", wanted))


def notifications() -> ArrayVar[list[dict[str, Any]]]:
    """The latest notifications, the newest first."""
    return _held("notes", list[dict[str, Any]])


def notification(wanted: rx.Var[int]) -> Notification:
    """One notification, by its id."""
    return Notification(_with_id("notes", wanted))


def query(name: str, gives: Any) -> Any:
    """Return what was asked for last: `q`, `status`, `sort`, `archived`."""
    return _held(f"query.{name}", gives)


def is_counted() -> BooleanVar:
    """Whether the counts of the states are known."""
    return stored(_STORE, expression("(held) => Object.keys(held.counts).length > 0"), bool)


def count(status: rx.Var[str]) -> NumberVar[int]:
    """How many tasks are in a state."""
    return stored(_STORE, expression(f"(held) => held.counts[{status!s}] ?? 0", status), int)


def count_of_all() -> NumberVar[int]:
    """How many tasks there are in any state."""
    return stored(
        _STORE, expression("(held) => Object.values(held.counts).reduce((sum, n) => sum + n, 0)"), int
    )


def count_of_archived() -> NumberVar[int]:
    """How many tasks are archived."""
    return _held("archived", int)


def demo_jobs() -> NumberVar[int]:
    """How many rows of the list are jobs of the demo."""
    return stored(_STORE, function("demo.js", "demoJobs"), int)


def ask(**change: rx.Var[Any] | Any) -> FunctionVar[Any]:
    """Return an event handler that changes what is asked for, which the address then says."""
    wanted = rx.Var.create({name: rx.Var.create(value) for name, value in change.items()})
    return handler(function("overview.js", "ask").call(wanted))


def row(wanted: rx.Var[int]) -> ListedTask:
    """One row of the list, by the id of its task."""
    return ListedTask(
        stored(_STORE, expression(f"(held) => held.rows.get({wanted!s})", wanted), dict[str, Any])
    )


def drawn_ids() -> ArrayVar[list[int]]:
    """The ids of the rows in the server's order; of a long list the first screen's at first, which must not wait."""
    return hook(function("drawn.js", "useDrawnIds").call(), list[int])


def ids() -> ArrayVar[list[int]]:
    """The ids of the rows, in the server's order."""
    return _held("ids", list[int])


def number_of_ids() -> NumberVar[int]:
    """How many rows the page has."""
    return _held("ids.length", int)


def total() -> NumberVar[int]:
    """How many rows the list has."""
    return _held("total", int)


def answered(name: str, gives: Any) -> Any:
    """Return what the rows answer: `q`, `status`, `archived`, `jobs`."""
    return _held(f"answered.{name}", gives)


def ask_with(name: str) -> FunctionVar[Any]:
    """Return a handler that asks for what was chosen."""
    chosen = expression(f"({{ {name}: chosen }})")
    return handler(function("overview.js", "ask").call(chosen), "chosen")


def load() -> FunctionVar[Any]:
    """Return an event handler that fetches the list again."""
    return handler(function("overview.js", "load").call())


def load_more() -> FunctionVar[Any]:
    """Return an event handler that fetches the next rows too."""
    return handler(function("overview.js", "loadMore").call())
