"""What else a task's page knows: attempts, history, details, downloads."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ago, clock_time, ticking
from trainwatch.ui.browser.format import rhythm
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Attempt, Happening
from trainwatch.ui.browser.script import expression, function
from trainwatch.ui.components.download import Download
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.task_parts import badge, state_badge

_TONES = {
    "complete": "success",
    "failed": "error",
    "nonfinite": "warning",
    "stop_requested": "warning",
    "stopped": "error",
}
_COLOURS = 4


@part
def attempt_table() -> rx.Component:
    """Every attempt with its state and times, and whether its curve is laid over the current one."""
    attempts = task.attempts()
    heads = (rx.el.th(name, scope="col") for name in ("No.", "State", "Started", "Took"))
    return rx.cond(
        attempts.length() > 0,
        rx.el.table(
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(
                rx.foreach(attempts, lambda each: _attempt_row(held=each, key=Attempt(each).attempt))
            ),
            class_name="attempts",
        ),
        rx.el.p("No attempt yet.", class_name="hint"),
    )


@part
def _attempt_row(held: rx.Var[dict[str, Any]]) -> rx.Component:
    each, row = Attempt(held), task.row()
    number = each.attempt
    is_current = number == row.attempt
    took = ticking(function("liveness.js", "runText"), held, gives=str)
    colour = expression(f"({{ '--mark': `var(--chart-other-${{({number!s} % {_COLOURS}) + 1}})` }})", number)
    box = rx.el.label(
        rx.el.input(
            type="checkbox",
            aria_label=f"Lay the curve of attempt {number} over the current one",
            checked=task.is_overlaid(number),
            on_change=task.overlay(number),
        ),
        number,
        class_name="overlay",
        title="Lay its curve over the current one",
        custom_attrs={"style": colour},
    )
    return rx.el.tr(
        rx.el.td(rx.cond(is_current, number, box), class_name="num"),
        rx.el.td(rx.cond(is_current & ~row.is_ended, state_badge(row=row.held), badge(each.status))),
        rx.el.td(rx.cond(each.started_at, clock_time(at=each.started_at, class_name="num"))),
        rx.el.td(rx.cond(each.started_at.bool() & took, took, "--"), class_name="num"),
        title=each.status_reason,
    )


@part
def event_list() -> rx.Component:
    """The task's history, newest first."""
    events = task.events()
    return rx.cond(
        events.length() > 0,
        rx.el.ol(
            rx.foreach(events, lambda each: _event(Happening(each))),
            class_name="timeline",
        ),
        rx.el.p("What happens to this task is written down here.", class_name="hint"),
    )


def _event(event: Happening) -> rx.Component:
    tone = rx.Var.create(_TONES)[event.kind].to(str)
    return rx.el.li(
        rx.el.span(class_name="timeline-dot", aria_hidden="true"),
        rx.el.span(event.message, class_name="timeline-words"),
        clock_time(at=event.created_at, class_name="caption num"),
        ago(at=event.created_at, class_name="caption num timeline-ago"),
        class_name=f"is-{rx.cond(tone, tone, 'info')}",
        key=event.id,
    )


@part
def fact_list() -> rx.Component:
    """What else is known of the task."""
    row = task.row()
    launched = function("job.js", "launched").call(task.job().held).to(list[list[str]])
    return rx.cond(
        row.is_there,
        rx.el.dl(
            _fact("Type", row.type),
            _fact("Source", row.source),
            rx.foreach(launched, lambda pair: _fact(pair[0], pair[1])),
            _fact("Reported as", row.reported_name),
            _fact("Run id", row.run_id),
            _fact("Created", row.created_at, clock_time(at=row.created_at, class_name="num")),
            _fact("Last heard", row.last_updated, ago(at=row.last_updated, class_name="num")),
            _fact("Reports every", row.expected_seconds, rx.fragment(rhythm(row.expected_seconds))),
            class_name="facts",
        ),
    )


def _fact(name: str | rx.Var[str], value: rx.Var[Any], shown: rx.Component | None = None) -> rx.Component:
    """A name and a value, where there is one; it is `shown` as its words, unless otherwise said."""
    about = rx.el.dd(value, title=value) if shown is None else rx.el.dd(shown)
    return rx.cond(value, rx.el.div(rx.el.dt(name), about))


@part
def export_links() -> rx.Component:
    """Downloads."""
    return rx.cond(task.task_id(), rx.el.div(_download("csv"), _download("json"), class_name="exports"))


def _download(kind: str) -> rx.Component:
    path = f"/api/tasks/{task.task_id()}/export?format={kind}"
    return Download.create(
        icon("download", size=14),
        f" {kind.upper()}",
        class_name="button is-small",
        href=function("api.js", "address").call(path).to(str),
    )
