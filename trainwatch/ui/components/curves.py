"""The curves of a task: the series that matters most with everything one can do to it, and the others, each small."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, NumberVar, StringVar

from trainwatch.ui.browser import task
from trainwatch.ui.browser.format import decimals
from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import expression, function, handler, hook
from trainwatch.ui.browser.shapes import Shape

_AXES = {"step": "Step", "epoch": "Epoch", "time": "Time"}
_COUNTS = {"cost": "Cost in $", "criteria": "Criteria verified", "iteration": "Iteration"}
"""What a tracked task has series of, in the words of its page; all three only ever grow, by steps."""


class LivePlot(rx.Component):
    """One series of the task on the page: its history, and new points as they come."""

    library = "$/public/live_plot.jsx"
    tag = "LivePlot"
    lib_dependencies: list[str] = ["plotly.js-basic-dist-min@3.7.0"]
    name: rx.Var[str]
    label: rx.Var[str]
    attempt: rx.Var[int]
    others: rx.Var[list[int]]
    axis: rx.Var[str]
    log: rx.Var[bool]
    weight: rx.Var[float]
    small: rx.Var[bool]
    stepped: rx.Var[bool]


class _Attempts(Shape):
    current: NumberVar[int]
    earlier: ArrayVar[list[int]]
    chosen: NumberVar[int]
    is_all: BooleanVar
    beneath: ArrayVar[list[int]]


@part
def main_curve() -> rx.Component:
    """The card of the main series; of an agent's task no series is."""
    return rx.cond(task.row().is_agents, rx.fragment(), _main(key=task.task_id()))


@part
def _main() -> rx.Component:
    name: StringVar[str] = task.picked(function("charts.js", "mainName"), str)
    axis, is_log = Kept("axis", "step", str), Kept("isLog", initial=False, gives=bool)
    weight, choice = Kept("weight", 0, float), Kept("choice", "current", str)
    attempts = _Attempts(hook(function("charts.js", "useAttempts").call(choice.value), dict[str, Any]))
    return rx.el.section(
        rx.el.header(
            rx.el.h2(rx.cond(name == "loss", "Loss Curve", _spoken(name))),
            rx.el.div(
                _smoothing(weight),
                _axis(axis),
                rx.el.button(
                    "Log scale",
                    type="button",
                    class_name="button is-small",
                    on_click=is_log.becomes(~is_log.value),
                    custom_attrs={"aria-pressed": is_log.value},
                ),
                rx.cond(attempts.earlier.length() > 0, _attempt(choice, attempts)),
                class_name="controls",
            ),
            class_name="card-head",
        ),
        LivePlot.create(
            name=name,
            label=_spoken(name),
            axis=axis.value,
            log=is_log.value,
            weight=weight.value,
            attempt=attempts.chosen,
            others=attempts.beneath,
        ),
        class_name="card curve",
        aria_label="Loss curve",
    )


def _spoken(name: rx.Var[str]) -> StringVar[str]:
    """ "learning_rate" reads "Learning rate"."""
    return function("format.js", "sentence").call(name).to(str)


def _smoothing(weight: Kept) -> rx.Component:
    return rx.el.label(
        rx.el.span("Smoothing"),
        rx.el.input(
            type="range",
            min="0",
            max="0.99",
            step="0.01",
            value=weight.value,
            on_change=weight.becomes_chosen("Number"),
        ),
        rx.el.output(decimals(weight.value, 2), class_name="num"),
        class_name="slider",
    )


def _axis(axis: Kept) -> rx.Component:
    def segment(value: str, label: str) -> rx.Component:
        pressed = {"aria-pressed": axis.value == value}
        return rx.el.button(label, type="button", on_click=axis.becomes(value), custom_attrs=pressed)

    segments = (segment(value, label) for value, label in _AXES.items())
    return rx.el.div(*segments, class_name="segments", role="group", aria_label="Horizontal axis")


def _attempt(choice: Kept, attempts: _Attempts) -> rx.Component:
    choose = function("charts.js", "chooseAttempt").call(rx.Var("chosen"), attempts.held)
    kept = rx.Var('(chosen === "all" ? "current" : chosen)')
    return rx.el.label(
        rx.el.span("Attempt", class_name="sr"),
        rx.el.select(
            rx.el.option("Attempt ", attempts.current, value="current"),
            rx.foreach(
                attempts.earlier, lambda each: rx.el.option("Attempt ", each, value=each.to(str), key=each)
            ),
            rx.el.option("All attempts", value="all"),
            value=rx.cond(attempts.is_all, "all", choice.value),
            on_change=[handler(choose, "chosen"), choice.becomes(kept, "chosen")],
        ),
        class_name="select is-small",
    )


@part
def other_curves() -> rx.Component:
    """Every other series."""
    names: ArrayVar[list[str]] = hook(function("charts.js", "useOtherNames").call(), list[str])
    return rx.cond(
        names.length() > 0,
        rx.el.section(
            rx.foreach(names, lambda name: _other(name=name, key=name)),
            class_name="others",
            aria_label="Other series",
        ),
    )


@part
def _other(name: rx.Var[str]) -> rx.Component:
    counted = rx.cond(task.has_tracked(), rx.Var.create(_COUNTS)[name], None).to(str)
    label = rx.cond(counted, counted, _spoken(name))
    latest = task.picked(
        expression(
            f"(held) => {function('charts.js', 'latestOf')!s}(held, {name!s})",
            function("charts.js", "latestOf"),
            name,
        ),
        str,
    )
    sign = function("nonfinite.js", "nonfiniteValue").call(task.row().held, name)
    return rx.el.article(
        rx.el.header(
            rx.el.h3(label),
            rx.el.span(latest, class_name=f"num caption{rx.cond(sign, ' is-nonfinite', '')}"),
            class_name="card-head",
        ),
        LivePlot.create(
            name=name,
            label=label,
            axis=rx.cond(counted, "time", "step"),
            stepped=counted.bool(),
            small=True,
        ),
        class_name="card other",
    )
