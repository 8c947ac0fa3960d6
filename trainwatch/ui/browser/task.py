"""The store of a task's page: what `assets/task.js` holds."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, FunctionVar, NumberVar, StringVar

from trainwatch.ui.browser.rows import Job, TaskRow, Tracked
from trainwatch.ui.browser.script import expression, function, handler, stored

_STORE = function("task.js", "task")


def _held(path: str, gives: Any) -> Any:
    return stored(_STORE, expression(f"(held) => held.{path}"), gives)


def picked(pick: rx.Var[Any], gives: Any) -> Any:
    """Return what a function takes out of the store: the same as long as nothing has changed."""
    return stored(_STORE, pick, gives)


def has_tracked() -> BooleanVar:
    """Whether it is known that an agent works on it."""
    return _held("tracked !== null", bool)


def task_id() -> NumberVar[int]:
    """The id of the task that the page is of."""
    return _held("id", int)


def row() -> TaskRow:
    """The task as the user wishes it: what was asked for is shown before the server confirms it."""
    return TaskRow(_held("row", dict[str, Any]))


def job() -> Job:
    """What the task was started with, if it is a job."""
    return Job(_held("job", dict[str, Any]))


def tracked() -> Tracked:
    """How an agent's task stands."""
    return Tracked(_held("tracked", dict[str, Any]))


def is_tracked() -> BooleanVar:
    """Whether an agent works on it, as far as is known."""
    script = '(held) => held.tracked !== null || (held.row?.type === "agent" && !held.loaded)'
    return stored(_STORE, expression(script), bool)


def attempts() -> ArrayVar[list[dict[str, Any]]]:
    """Every attempt, the first one first."""
    return _held("attempts", list[dict[str, Any]])


def events() -> ArrayVar[list[dict[str, Any]]]:
    """What has happened to it, the newest first."""
    return _held("events", list[dict[str, Any]])


def points() -> NumberVar[int]:
    """How many points its series have together."""
    return stored(
        _STORE, expression("(held) => held.series.reduce((sum, each) => sum + each.points, 0)"), int
    )


def loaded() -> BooleanVar:
    """Whether the server has told all of it once."""
    return _held("loaded", bool)


def gone() -> BooleanVar:
    """Whether somebody has deleted it."""
    return _held("gone", bool)


def problem() -> StringVar[str]:
    """Why it could not be fetched; empty for no reason."""
    return _held("problem", str)


def is_overlaid(attempt: rx.Var[int]) -> BooleanVar:
    """Whether the curve of an attempt is laid over the current one."""
    return stored(_STORE, expression(f"(held) => held.overlaid.includes({attempt!s})", attempt), bool)


def overlay(attempt: rx.Var[int]) -> FunctionVar[Any]:
    """Return a handler of a box: lay that attempt's curve over the current one, or not."""
    return handler(function("task.js", "overlayOne").call(attempt, rx.Var("isOn")), "isOn")


def expect(**change: Any) -> FunctionVar[Any]:
    """Return a handler that shows at once what is asked for; the server confirms or corrects it."""
    return handler(function("task.js", "expect").call(rx.Var.create(change)))


def reload() -> FunctionVar[Any]:
    """Return a handler that fetches it again."""
    return handler(function("task.js", "reload").call())
