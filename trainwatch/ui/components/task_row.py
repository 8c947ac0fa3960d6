"""One task in a list of tasks, and what the rows of jobs have of it too."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.clock import ago, ticking
from trainwatch.ui.browser.format import counted, percent
from trainwatch.ui.browser.navigation import follow, link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import ListedTask, TaskRow
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.shapes import is_known
from trainwatch.ui.components.task_parts import Row, Sparkline, bar, liveness, nonfinite, reading, state_badge


@part
def task_row(task_id: rx.Var[int]) -> rx.Component:
    """The row; a click beside its title leads to its page too."""
    row = overview.row(task_id)
    to = f"/tasks/{task_id}"
    return rx.cond(
        row.is_there,
        rx.el.li(
            row_name(
                row,
                to,
                rx.cond(row.gpu.name, rx.el.span(_place_of(row), class_name="row-gpu"), _kind_of(row)),
            ),
            course(row=row.held),
            _figure(row),
            rx.el.div(
                state_badge(row=row.held),
                rx.cond(
                    row.is_running,
                    liveness(row=row.held, full=False),
                    ago(at=row.last_at, class_name="caption num"),
                ),
                class_name="row-state",
            ),
            class_name="row",
            on_click=follow(to),
        ),
    )


def row_name(row: TaskRow, to: str | rx.Var[str], about: rx.Component) -> rx.Component:
    """The title, which leads to its page; under it what it is `about`, and its tags."""
    return rx.el.div(
        link(row.title, to=to, class_name="row-link", title=row.title),
        rx.el.span(
            nonfinite(row),
            about,
            rx.foreach(row.tags, lambda tag: rx.el.span(tag, class_name="tag", key=tag)),
            class_name="row-sub",
        ),
        class_name="row-name",
    )


def _place_of(row: TaskRow) -> rx.Var[str]:
    return rx.cond(row.gpu.host, f"{row.gpu.name} · {row.gpu.host}", row.gpu.name)


def _kind_of(row: TaskRow) -> rx.Component:
    """What kind of task it is; of an agent at work, what it does."""
    return rx.cond(
        row.is_agents & row.is_running & row.message,
        rx.el.span(row.message, class_name="row-gpu", title=row.message),
        rx.el.span(row.type),
    )


def _figure(row: ListedTask) -> rx.Component:
    name = function("main_metric.js", "rowMetric").call(row.held).to(str)
    return rx.el.div(
        Sparkline.create(values=row.spark),
        rx.el.span(
            reading(row, name, function("main_metric.js", "rowFigure").call(row.held).to(str)),
            rx.el.span(name, class_name="caption"),
            class_name="row-loss",
            title=rx.cond(name, f"latest {name}", rx.Var("undefined")),
        ),
        class_name="row-metric",
    )


@part
def course(row: Row) -> rx.Component:
    """How far a task is, and when it will end."""
    task = TaskRow(row)
    done = function("liveness.js", "doneOf").call(row)
    return rx.el.div(
        rx.el.div(
            bar(row=row, label=f"Progress of {task.title}"),
            rx.el.span(percent(done), class_name="num row-percent"),
            class_name="row-bar",
        ),
        rx.el.div(
            rx.el.span(_extent(task), class_name="num"),
            rx.cond(
                task.is_ended,
                rx.el.span(_end_of(task), class_name="num", title=task.status_reason),
                rx.el.span(
                    ticking(function("liveness.js", "roughEtaText"), row, gives=str), class_name="num"
                ),
            ),
            class_name="row-facts caption",
        ),
        class_name="row-course",
        title=ticking(function("liveness.js", "etaInFull"), row, gives=str),
    )


def _extent(task: TaskRow) -> Any:
    """What it has done of what: iterations, epochs, or steps; else its message."""
    step, epoch = task.current_step, task.current_epoch
    counts_steps_only = ~is_known(epoch) & (task.total_steps > 0) & (step > 0)
    message = rx.cond(task.message, task.message, "")
    return rx.cond(
        task.is_agents,
        rx.cond(iterations(task), iterations(task), message),
        rx.cond(
            (task.total_epochs > 0) & ~counts_steps_only,
            f"{rx.cond(is_known(epoch), epoch.to(str), '--')}/{task.total_epochs} Epochs",
            rx.cond(
                is_known(epoch),
                f"Epoch {epoch}",
                rx.cond(
                    task.total_steps > 0,
                    f"{counted(rx.cond(step, step, 0))}/{counted(task.total_steps)} Steps",
                    rx.cond(is_known(step), f"Step {counted(step)}", message),
                ),
            ),
        ),
    )


def iterations(task: TaskRow) -> rx.Var[str]:
    """ "3/20 iterations" of a task that an agent works on; empty where nothing is counted."""
    return function("tracked.js", "iterations").call(task.held).to(str)


def _end_of(task: TaskRow) -> Any:
    """Why it failed, else how long it took."""
    took = ticking(function("liveness.js", "runText"), task.held, gives=str)
    return rx.cond(
        (task.status == "failed") & task.status_reason, task.status_reason, rx.cond(took, f"took {took}", "")
    )
