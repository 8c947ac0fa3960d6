"""`/tasks/<id>` and `/training/jobs/<id>`: one task, with everything that is known of it; a job can be started and stopped."""

import reflex as rx

from trainwatch.ui import routes
from trainwatch.ui.components.back_link import back_link
from trainwatch.ui.components.card import card
from trainwatch.ui.components.curves import main_curve, other_curves
from trainwatch.ui.components.job_control import job_control, job_subtitle
from trainwatch.ui.components.local import edits, task
from trainwatch.ui.components.log import task_log
from trainwatch.ui.components.nothing_here import nothing_here
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
from trainwatch.ui.components.task_head import (
    archived_note,
    stop_control,
    task_origin,
    task_reason,
    task_state,
    while_there,
)
from trainwatch.ui.components.task_menu import bring_back, task_menu
from trainwatch.ui.components.task_progress import task_figures, task_progress
from trainwatch.ui.components.task_tables import attempt_table, event_list, export_links, fact_list
from trainwatch.ui.components.tracked import (
    of_training,
    task_grid,
    tracked_criteria,
    tracked_end,
    tracked_files,
    tracked_progress,
)
from trainwatch.ui.components.tracked_budget import tracked_budget
from trainwatch.ui.components.tracked_log import tracked_log
from trainwatch.ui.state.task_page import TaskPage
from trainwatch.ui.state.visitor import Visitor


def task_page() -> rx.Component:
    """The task, or the way back when there is none of that id."""
    return shell(
        task.task_feed(),
        rx.cond(
            TaskPage.missing,
            nothing_here("There is no task with this id."),
            _task(back_link("All tasks", routes.DASHBOARD), is_job=False),
        ),
        section="Tasks",
    )


def job_page() -> rx.Component:
    """The same for a job, among the jobs."""
    return shell(
        task.task_feed(),
        rx.cond(
            TaskPage.missing,
            nothing_here("There is no job with this id.", all_of="jobs", to=routes.JOBS),
            _task(back_link("All jobs", routes.JOBS), is_job=True),
        ),
        section="Jobs",
    )


def _task(back: rx.Component, *, is_job: bool) -> rx.Component:
    return while_there(
        rx.el.article(
            _head(back, is_job=is_job),
            task_grid(
                card(
                    "Progress",
                    task_progress(),
                    tracked_progress(),
                    name="at-progress",
                ),
                of_training(task_figures()),
                main_curve(),
                _side(),
                rx.el.div(
                    tracked_end(),
                    tracked_budget(),
                    tracked_log(),
                    task_log(),
                    other_curves(),
                    card("History", event_list()),
                    class_name="at-more",
                ),
                is_job=is_job,
            ),
        )
    )


def _if_may_operate(control: rx.Component) -> rx.Component:
    return rx.cond(Visitor.may_operate, control, rx.fragment())


def _head(back: rx.Component, *, is_job: bool) -> rx.Component:
    return rx.el.header(
        back,
        rx.el.div(
            rx.el.div(
                edits.TaskTitle.create(on_rename=TaskPage.rename),
                job_subtitle(expected=is_job),
                task_origin(),
                class_name="task-names",
            ),
            rx.el.div(
                task_state(),
                stop_control(),
                job_control(),
                task_menu(),
                class_name="task-actions",
            ),
            class_name="task-top",
        ),
        task_reason(),
        archived_note(_if_may_operate(bring_back())),
        problem(TaskPage.problem, key=TaskPage.refusals),
        class_name="task-head",
    )


def _side() -> rx.Component:
    return rx.el.div(
        tracked_criteria(),
        tracked_files(),
        card("Tags", edits.TagEditor.create(on_tags=TaskPage.set_tags)),
        card("Notes", edits.NotesEditor.create(on_notes=TaskPage.set_notes)),
        card("Attempts", attempt_table()),
        card("Details", fact_list(), extra=export_links()),
        class_name="at-side",
    )
