"""`/tasks/<id>` and `/training/jobs/<id>`: one task, with everything that is known of it; a job can be started and stopped."""

import reflex as rx

from trainwatch.ui import routes
from trainwatch.ui.components.back_link import back_link
from trainwatch.ui.components.card import card
from trainwatch.ui.components.local import curves, edits, jobs, log, task, tracked
from trainwatch.ui.components.nothing_here import nothing_here
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
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
    return task.WhileThere.create(
        rx.el.article(
            _head(back, is_job=is_job),
            tracked.TaskGrid.create(
                card(
                    "Progress",
                    task.TaskProgress.create(),
                    tracked.TrackedProgress.create(),
                    name="at-progress",
                ),
                tracked.OfTraining.create(_figures()),
                curves.MainCurve.create(),
                _side(),
                rx.el.div(
                    tracked.TrackedEnd.create(),
                    tracked.TrackedBudget.create(),
                    tracked.tracked_log(),
                    log.task_log(),
                    curves.OtherCurves.create(),
                    card("History", task.EventList.create()),
                    class_name="at-more",
                ),
                is_job=is_job,
            ),
        )
    )


def _if_may_operate(control: rx.Component) -> rx.Component:
    return rx.cond(Visitor.may_operate, control, rx.fragment())


def _head(back: rx.Component, *, is_job: bool) -> rx.Component:
    may = {"known": Visitor.known, "simulate": Visitor.may_simulate, "operate": Visitor.may_operate}
    return rx.el.header(
        back,
        rx.el.div(
            rx.el.div(
                edits.TaskTitle.create(on_rename=TaskPage.rename),
                jobs.JobSubtitle.create(expected=is_job),
                task.TaskOrigin.create(),
                class_name="task-names",
            ),
            rx.el.div(
                task.TaskState.create(),
                task.StopControl.create(on_stop=TaskPage.request_stop),
                jobs.JobControl.create(**may, on_start=TaskPage.start, on_stop=TaskPage.stop),
                task.TaskMenu.create(
                    **may,
                    annotate=Visitor.may_annotate,
                    on_start=TaskPage.start,
                    on_end=TaskPage.mark_ended,
                    on_archive=TaskPage.archive,
                    on_delete=TaskPage.delete,
                ),
                class_name="task-actions",
            ),
            class_name="task-top",
        ),
        task.TaskReason.create(),
        task.ArchivedNote.create(_if_may_operate(task.BringBack.create(on_archive=TaskPage.archive))),
        problem(TaskPage.problem, key=TaskPage.refusals),
        class_name="task-head",
    )


def _figures() -> rx.Component:
    return rx.el.dl(
        _figure("Epoch", "epoch"),
        _figure("Steps", "steps"),
        _figure("Loss", "loss"),
        _figure("Accuracy", "accuracy"),
        class_name="card figures at-figures",
    )


def _figure(label: str, part: str) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(task.TaskFigure.create(part=part)))


def _side() -> rx.Component:
    return rx.el.div(
        tracked.TrackedCriteria.create(),
        tracked.TrackedFiles.create(),
        card("Tags", edits.TagEditor.create(on_tags=TaskPage.set_tags)),
        card("Notes", edits.NotesEditor.create(on_notes=TaskPage.set_notes)),
        card("Attempts", task.AttemptTable.create()),
        card("Details", task.FactList.create(), extra=task.ExportLinks.create()),
        class_name="at-side",
    )
