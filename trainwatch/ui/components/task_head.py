"""The head of a task's page: what the task is, how it stands, and the flag that asks its script to stop."""

import reflex as rx

from trainwatch.ui import routes
from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ago, clock_time, is_lost
from trainwatch.ui.browser.navigation import link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import TaskRow
from trainwatch.ui.browser.steady import settling
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.steady_button import steady_button
from trainwatch.ui.components.task_parts import liveness, nonfinite, state_badge
from trainwatch.ui.state.task_page import TaskPage


@part
def while_there(children: rx.Var[rx.Component]) -> rx.Component:
    """What is shown of a task, until somebody deletes it."""
    lost, problem = is_lost(), task.problem()
    is_unread = ~task.row().is_there & (lost | problem.bool())
    return rx.cond(is_unread, _unread(lost, problem), rx.cond(task.gone(), _deleted(), rx.fragment(children)))


def _unread(lost: rx.Var[bool], problem: rx.Var[str]) -> rx.Component:
    """Nothing is known of it, which must not look like a task without data."""
    return rx.el.div(
        rx.el.h1(rx.cond(lost, "Not connected", "This task could not be loaded")),
        rx.el.p(
            rx.cond(problem, problem, "The server cannot be reached."),
            " The task is shown as soon as that is over.",
        ),
        rx.el.button("Retry", type="button", class_name="button is-primary", on_click=task.reload()),
        link("See all tasks", to=routes.DASHBOARD, class_name="button"),
        class_name="notfound",
        role="alert",
    )


def _deleted() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Deleted"),
        rx.el.p("“", task.row().title, "” was deleted, with its points and its history."),
        link("See all tasks", to=routes.DASHBOARD, class_name="button is-primary"),
        class_name="notfound",
        role="alert",
    )


@part
def archived_note(children: rx.Var[rx.Component]) -> rx.Component:
    """That the task is archived, where it is, and what can be done about it beside."""
    at = task.row().archived_at
    words = rx.el.p("Archived ", ago(at=at, class_name="num"), ". It is in no list; all of its data is here.")
    return rx.cond(at, rx.el.div(icon("archive"), words, children, class_name="archived"))


@part
def task_state() -> rx.Component:
    """Badge and liveness."""
    row = task.row()
    return rx.cond(
        row.is_there,
        rx.el.div(
            state_badge(row=row.held),
            nonfinite(row),
            liveness(row=row.held, full=True),
            class_name="task-state",
        ),
        rx.el.span(class_name="ghost", custom_attrs={"style": rx.Var.create({"width": "180px"})}),
    )


@part
def task_reason() -> rx.Component:
    """Why it failed or was stopped, where nobody can miss it; a tracked one has a card that says it."""
    row = task.row()
    is_shown = row.is_ended & (row.status != "complete") & ~task.is_tracked()
    return rx.cond(
        is_shown & row.status_reason,
        rx.el.p(icon(row.status), " ", rx.el.span(row.status_reason), class_name=f"reason is-{row.status}"),
    )


@part
def task_origin() -> rx.Component:
    """Where it runs and whence it came, in one line."""
    row, tracked = task.row(), task.tracked()
    started_at = rx.cond(tracked.started_at, tracked.started_at, row.started_at)
    says_more = row.message.bool() & (row.message != row.status_reason) & ~tracked.agent_id.bool()
    return rx.el.p(
        rx.cond(row.gpu.name, _gpu(row)),
        rx.cond(tracked.agent_id, rx.el.span("Agent ", tracked.agent_id)),
        rx.cond(row.started_at, rx.el.span("started ", clock_time(at=started_at, class_name="num"))),
        rx.cond(row.attempt > 1, rx.el.span("attempt ", row.attempt)),
        rx.cond(says_more, rx.el.span(row.message, class_name="task-message")),
        class_name="task-origin",
    )


def _gpu(row: TaskRow) -> rx.Component:
    host = rx.cond(row.gpu.host, f" · {row.gpu.host}", "")
    return rx.el.span(icon("chip", size=14), " ", row.gpu.name, host)


@part
def stop_control() -> rx.Component:
    """The Stop button of a task that reports, then what came of it; nothing for jobs."""
    row = task.row()
    is_settling = settling(row.stop_requested)
    stop = steady_button(
        icon("stop", size=14),
        " Stop",
        settling=is_settling,
        class_name="button is-danger",
        title="The answer to the script's next report tells it to stop",
        on_act=TaskPage.request_stop(row.id.to(int), True),
    )
    undo = steady_button(
        "Undo",
        settling=is_settling,
        class_name="button is-small",
        on_act=TaskPage.request_stop(row.id.to(int), False),
    )
    asked = rx.el.div(
        rx.el.span("Stop requested – the script sees it with its next report"),  # noqa: RUF001
        undo,
        class_name="stop is-asked",
        role="status",
    )
    return rx.cond(row.is_there & ~row.is_job & ~row.is_ended, rx.cond(row.stop_requested, asked, stop))
