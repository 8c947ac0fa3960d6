"""What stands in a task's row and on its page alike: its state, its bar, its newest figures.

Each is given the `row` of the task, as the store holds it.
"""

from typing import Any

import reflex as rx
from reflex.vars import StringVar

from trainwatch.ui.browser.clock import ago, as_of, full_time, ticking
from trainwatch.ui.browser.format import percent, rhythm
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import TaskRow
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.shapes import is_known
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.track import track

Row = rx.Var[dict[str, Any]]

STATES = {
    "running": "Running",
    "lost": "Lost",
    "queued": "Queued",
    "paused": "Paused",
    "complete": "Complete",
    "failed": "Failed",
    "stopped": "Stopped",
}


def badge(status: rx.Var[str]) -> rx.Component:
    """A state with its icon."""
    words = rx.Var.create(STATES)[status].to(str)
    return rx.el.span(icon(status, size=14), words, class_name=f"badge is-{status}")


@part
def state_badge(row: Row) -> rx.Component:
    """The state of a task, which the clock may change."""
    return badge(ticking(function("liveness.js", "stateOf"), row, gives=str))


@part
def bar(row: Row, label: rx.Var[str]) -> rx.Component:
    """How far the task is, as a bar."""
    done = function("liveness.js", "doneOf").call(row)
    tone = ticking(function("liveness.js", "toneOf"), row, gives=str)
    spoken = rx.cond(is_known(done), percent(done), "progress unknown")
    return track(label, done, tone=tone, spoken=spoken)


@part
def liveness(row: Row, full: rx.Var[bool]) -> rx.Component:
    """What the clock says of a running task, in words beside its dot; nothing of another."""
    task, lost = TaskRow(row), as_of()
    state: StringVar[str] = ticking(function("liveness.js", "livenessOf"), row, gives=str)
    words = rx.cond(
        lost & (state == "live"),
        rx.el.span(rx.cond(full, "was live ", ""), lost, class_name="num"),
        rx.cond(
            (state == "live") & full,
            rx.el.span("live, last heard ", ago(at=task.last_updated, class_name="steady")),
            rx.el.span(ticking(function("liveness.js", "livenessText"), row, gives=str)),
        ),
    )
    every = rx.cond(task.expected_seconds, f" It reports about every {rhythm(task.expected_seconds)}.", "")
    return rx.cond(
        task.is_running & state,
        rx.el.span(
            rx.el.span(class_name="dot", aria_hidden="true"),
            words,
            class_name=f"liveness is-{rx.cond(lost, 'unknown', state)}",
            title=f"Last heard {full_time(task.last_updated)}.{every}",
        ),
    )


def nonfinite(row: TaskRow) -> rx.Component:
    """That the newest values of a task are not all numbers; nothing while they are."""
    words = function("nonfinite.js", "nonfiniteText").call(row.held).to(str)
    return rx.cond(
        words,
        rx.el.span(
            icon("warning", size=14),
            rx.el.span(words),
            class_name="nonfinite",
            title=f"The newest report says: {words}",
        ),
    )


def reading(row: TaskRow, name: rx.Var[str], text: rx.Var[str]) -> rx.Component:
    """The newest value of a metric: `text`, unless it is not finite."""
    sign = function("nonfinite.js", "nonfiniteValue").call(row.held, name).to(str)
    return rx.cond(
        sign,
        rx.el.span(sign, class_name="num is-nonfinite"),
        rx.el.span(text, class_name="num"),
    )


class Sparkline(rx.Component):
    """The recent course of a metric; a picture only, the number stands beside it."""

    library = "$/public/sparkline.jsx"
    tag = "Sparkline"
    values: rx.Var[list[float]]
