"""The list of tasks, or what to do when there are none."""

import reflex as rx

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.format import counted
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import expression, function, hook
from trainwatch.ui.components.first_steps import first_steps
from trainwatch.ui.components.quiet import quiet, unloaded, waiting
from trainwatch.ui.components.task_row import task_row

_ROW_PX = 76


@part
def task_list() -> rx.Component:
    """The rows; words in place of them where there are none."""
    filtered = overview.answered("q", str) | overview.answered("status", str)
    is_empty = (overview.total() == 0) & ~filtered.bool()
    archived = overview.answered("archived", bool)
    return rx.cond(
        ~overview.loaded() | overview.query("jobs", bool),
        waiting(),
        rx.cond(
            overview.problem() & (overview.number_of_ids() == 0),
            unloaded("tasks"),
            rx.cond(
                is_empty & archived,
                quiet("No archived tasks", "What you archive on a task's page is kept here."),
                rx.cond(
                    is_empty & (overview.count_of_archived() > 0),
                    quiet("Every task is archived", "A new one appears here with its first report."),
                    rx.cond(
                        is_empty,
                        first_steps(),
                        rx.cond(
                            overview.number_of_ids() == 0,
                            quiet("No task matches", "Try another word, or another state."),
                            rx.fragment(_rows(), more(noun="task")),
                        ),
                    ),
                ),
            ),
        ),
    )


@part
def _rows() -> rx.Component:
    ids, number = overview.drawn_ids(), overview.number_of_ids()
    room = expression(
        f"({ids!s}.length < {number!s} ? {{ minHeight: {number!s} * {_ROW_PX} }} : undefined)", ids, number
    )
    return rx.el.ul(
        rx.foreach(ids, lambda task_id: task_row(task_id=task_id, key=task_id)),
        class_name="rows card",
        aria_label="Tasks",
        custom_attrs={"style": room},
    )


@part
def more(noun: rx.Var[str]) -> rx.Component:
    """How many rows there are, and the next ones, which come by themselves on a wide screen."""
    end = hook(function("drawn.js", "useEndOfList").call(), dict)
    shown, total, problem = overview.number_of_ids(), overview.total(), overview.problem()
    return rx.el.div(
        rx.cond(problem, rx.el.span(problem, role="status")),
        rx.cond(
            problem,
            rx.el.button("Retry", type="button", class_name="button", on_click=overview.load()),
            rx.cond(
                shown < total,
                rx.el.button("Show more", type="button", class_name="button", on_click=overview.load_more()),
            ),
        ),
        rx.el.span(
            rx.cond(shown < total, f"{counted(shown)} of ", ""),
            counted(total),
            " ",
            noun,
            rx.cond(total == 1, "", "s"),
            class_name="num",
        ),
        class_name="more caption",
        custom_attrs={"ref": end},
    )
