"""`/tasks/<id>`: one task, with everything that is known of it."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes
from trainwatch.ui.components import local
from trainwatch.ui.components.card import card
from trainwatch.ui.components.shell import shell
from trainwatch.ui.pages.not_found import nothing_here
from trainwatch.ui.state.task_page import TaskPage
from trainwatch.ui.state.visitor import Visitor


def task_page() -> rx.Component:
    """The task, or the way back when there is none of that id."""
    return shell(
        local.task_feed(),
        rx.cond(TaskPage.missing, nothing_here("There is no task with this id."), _task()),
    )


def _task() -> rx.Component:
    return local.WhileThere.create(
        rx.el.article(
            _head(),
            rx.el.div(
                card("Progress", local.TaskProgress.create(), name="at-progress"),
                _figures(),
                local.MainCurve.create(),
                _side(),
                rx.el.div(
                    local.OtherCurves.create(),
                    card("History", local.EventList.create()),
                    class_name="at-more",
                ),
                class_name="task-grid",
            ),
        )
    )


def _if_may_operate(control: rx.Component) -> rx.Component:
    return rx.cond(Visitor.may_operate, control, rx.fragment())


def _head() -> rx.Component:
    return rx.el.header(
        ReactRouterLink.create(_arrow(), "All tasks", to=routes.DASHBOARD, class_name="back"),
        rx.el.div(
            rx.el.div(
                local.TaskTitle.create(on_rename=TaskPage.rename),
                local.TaskOrigin.create(),
                class_name="task-names",
            ),
            rx.el.div(
                local.TaskState.create(),
                local.StopControl.create(on_stop=TaskPage.request_stop),
                _if_may_operate(
                    local.TaskMenu.create(on_archive=TaskPage.archive, on_delete=TaskPage.delete)
                ),
                class_name="task-actions",
            ),
            class_name="task-top",
        ),
        local.TaskReason.create(),
        local.ArchivedNote.create(_if_may_operate(local.BringBack.create(on_archive=TaskPage.archive))),
        rx.cond(
            TaskPage.problem != "",
            rx.el.p(TaskPage.problem, class_name="problem", role="alert"),
            rx.fragment(),
        ),
        class_name="task-head",
    )


def _arrow() -> rx.Component:
    return rx.el.svg(
        rx.el.path(d="M9.5 3.8 5.3 8l4.2 4.2"),
        view_box="0 0 16 16",
        width="16",
        height="16",
        class_name="icon",
        aria_hidden="true",
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
    return rx.el.div(rx.el.dt(label), rx.el.dd(local.TaskFigure.create(part=part)))


def _side() -> rx.Component:
    return rx.el.div(
        card("Tags", local.TagEditor.create(on_tags=TaskPage.set_tags)),
        card("Notes", local.NotesEditor.create(on_notes=TaskPage.set_notes)),
        card("Attempts", local.AttemptTable.create()),
        card("Details", local.FactList.create(), extra=local.ExportLinks.create()),
        class_name="at-side",
    )
