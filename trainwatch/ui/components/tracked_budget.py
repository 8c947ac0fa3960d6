"""Cost and time of what an agent works on, against what may be spent."""

from typing import Any

import reflex as rx
from reflex.vars import BooleanVar, NumberVar, StringVar

from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ticking
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.shapes import Shape, is_known
from trainwatch.ui.components.track import track

_NEARLY = 0.8


class _Spent(Shape):
    """What was spent of a limit, in words; the fraction is null where there is no limit."""

    text: StringVar[str]
    of: StringVar[str]
    fraction: NumberVar[float]
    over: StringVar[str]


class _Time(_Spent):
    left: StringVar[str]


class _Cost(_Spent):
    per_hour: StringVar[str]
    at_end: StringVar[str]
    is_used_up: BooleanVar
    used_up_in: StringVar[str]
    used_up_at: StringVar[str]


@part
def tracked_budget() -> rx.Component:
    """Cost and time against what may be spent, and where that leads."""
    is_there = task.row().is_there & is_known(task.tracked().held)
    return rx.cond(
        is_there,
        rx.el.section(_cost(), _time(), class_name="card budget", aria_label="Budget"),
    )


@part
def _cost() -> rx.Component:
    tracked, row = task.tracked(), task.row()
    cost = _Cost(ticking(function("tracked.js", "costSpent"), tracked.held, row.held, gives=dict[str, Any]))
    facts = (
        rx.cond(cost.per_hour, rx.el.span(f"{cost.per_hour}/h")),
        rx.cond(cost.at_end, rx.el.span(f"about {cost.at_end} at the end")),
        rx.cond(cost.is_used_up, rx.el.span("used up about now")),
        rx.cond(cost.used_up_in, rx.el.span(f"used up in about {cost.used_up_in}, at {cost.used_up_at}")),
    )
    return _meter("Cost", cost, *facts)


@part
def _time() -> rx.Component:
    tracked, row = task.tracked(), task.row()
    time = _Time(ticking(function("tracked.js", "timeSpent"), tracked.held, row.held, gives=dict[str, Any]))
    return _meter("Time", time, rx.cond(time.left, rx.el.span(f"{time.left} left")))


def _meter(name: str, spent: _Spent, *facts: rx.Component) -> rx.Component:
    tone = rx.cond(
        (spent.fraction > 1) | spent.over.bool(),
        "over",
        rx.cond(spent.fraction >= _NEARLY, "silent", "running"),
    )
    bar = track(f"{name} against its limit", spent.fraction, tone=tone, spoken=f"{spent.text} of {spent.of}")
    return rx.el.div(
        rx.el.h2(name),
        rx.el.p(spent.text, rx.cond(spent.of, rx.el.span(f" of {spent.of}")), class_name="gauge-value num"),
        rx.cond(is_known(spent.fraction), bar),
        rx.el.p(
            rx.cond(spent.over, rx.el.strong(f"{spent.over} over")),
            *facts,
            class_name="budget-facts caption num",
        ),
    )
