"""How far a task is and how long it will take, and its figures."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ago, clock_time, ticking
from trainwatch.ui.browser.format import percent
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import TaskRow
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.shapes import is_known
from trainwatch.ui.components.task_parts import bar, reading
from trainwatch.ui.components.task_row import iterations

_UNKNOWN = "--"
_ENDINGS = {"complete": "Training Complete", "failed": "Training Failed", "stopped": "Training stopped"}
_ENDINGS_OF_AGENTS = {"complete": "Complete", "failed": "Failed", "stopped": "Stopped"}


@part
def task_progress() -> rx.Component:
    """Bar, percentage and outlook of a task that nobody tracks; a tracked one has more to show."""
    row = task.row()
    done = function("liveness.js", "doneOf").call(row.held)
    known_bar = bar(row=row.held, label=f"Progress of {row.title}")
    return rx.cond(
        ~task.is_tracked(),
        rx.el.div(
            rx.el.p(
                rx.cond(row.is_there, percent(done), _UNKNOWN), " complete", class_name="progress-words num"
            ),
            rx.cond(row.is_there, known_bar, rx.el.div(class_name="track")),
            rx.el.p(
                rx.cond(
                    row.is_agents & iterations(row).bool(),
                    rx.el.strong(iterations(row), class_name="num"),
                ),
                rx.cond(row.is_there, _outlook(), rx.el.span("\u00a0")),
                class_name="progress-facts",
            ),
            class_name="progress",
        ),
    )


@part
def _outlook() -> rx.Component:
    """When it will end, or how and when it has."""
    row = task.row()
    eta: Any = ticking(function("liveness.js", "etaText"), row.held, gives=str)
    ends: Any = ticking(function("liveness.js", "endText"), row.held, gives=str)
    run: Any = ticking(function("liveness.js", "runText"), row.held, gives=str)
    running = rx.el.span("running for ", run, class_name="num")
    heard = rx.el.span("when last heard, ", ago(at=row.last_updated, class_name="num"))
    unknown = rx.cond(
        row.status == "queued",
        rx.el.strong(_waiting(row)),
        rx.fragment(rx.cond(row.is_agents, rx.fragment(), rx.el.strong("Calculating...")), running),
    )
    return rx.cond(
        row.is_ended,
        _ending(row, run),
        rx.cond(
            eta,
            rx.fragment(
                rx.el.strong(eta, class_name="num"),
                rx.cond(ends, rx.el.span(ends, class_name="num"), heard),
                running,
            ),
            unknown,
        ),
    )


def _ending(row: TaskRow, run: rx.Var[str]) -> rx.Component:
    words = rx.cond(
        row.is_agents, rx.Var.create(_ENDINGS_OF_AGENTS)[row.status], rx.Var.create(_ENDINGS)[row.status]
    )
    return rx.fragment(
        rx.el.strong(words.to(str), class_name=f"ending is-{row.status}"),
        rx.el.span(
            clock_time(at=row.last_at, class_name="num"), ", took ", rx.el.span(run, class_name="num")
        ),
    )


def _waiting(row: TaskRow) -> rx.Var[str]:
    return rx.cond(
        row.is_job, rx.cond(row.is_waiting, "Waiting for its turn", "Not started yet"), "Waiting to start"
    )


@part
def task_figures() -> rx.Component:
    """The four numbers of a training."""
    row = task.row()
    accuracy = rx.cond(is_known(row.metrics["accuracy"]), "accuracy", "acc")
    written = function("figures.js", "accuracy").call(row.metrics[accuracy]).to(str)
    return rx.el.dl(
        _figure("Epoch", rx.el.span(_of_total(row.current_epoch, row.total_epochs), class_name="num")),
        _figure("Steps", rx.el.span(_of_total(row.current_step, row.total_steps), class_name="num")),
        _figure(
            "Loss",
            reading(
                row,
                rx.Var.create("loss"),
                function("format.js", "decimals").call(row.metrics["loss"]).to(str),
            ),
        ),
        _figure("Accuracy", reading(row, accuracy, written)),
        class_name="card figures at-figures",
    )


def _figure(label: str, content: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(content))


def _of_total(current: rx.Var[Any], total: rx.Var[Any]) -> rx.Var[str]:
    """ "3 / 10", "3", "-- / 10" or "--"."""
    now = rx.cond(is_known(current), current.to(str), _UNKNOWN)
    return rx.cond(is_known(total), f"{now} / {total}", now)
