"""What is seldom done to a task: what those may who run it or annotate, then what operators may. Delete asks first."""

from typing import Any

import reflex as rx

from trainwatch.ui import routes
from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ago, ticking
from trainwatch.ui.browser.dialogs import open_dialog
from trainwatch.ui.browser.format import counted
from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.navigation import link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import TaskRow
from trainwatch.ui.browser.script import expression, function
from trainwatch.ui.components.dialog import Dialog, FoldersLost
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.job_control import may_run
from trainwatch.ui.components.menu import Menu
from trainwatch.ui.components.task_parts import Row
from trainwatch.ui.state.task_page import TaskPage
from trainwatch.ui.state.visitor import Visitor

_DELETING, _ENDING = "delete-task", "mark-ended"
_ENDS = ("failed", "stopped")


@part
def task_menu() -> rx.Component:
    """The menu, as far as the visitor may; it keeps its room until that is known."""
    row = task.row()
    doomed = Kept("doomed", None, dict[str, Any])
    marked, end = Kept("marked", None, dict[str, Any]), Kept("end", "failed", str)
    runs = row.is_job & may_run(row)
    can_end: rx.Var[bool] = ticking(function("job.js", "canMarkEnded"), row.held, gives=bool)
    ends = Visitor.may_annotate & (~row.is_job | runs) & can_end
    task_id = row.id.to(int)
    marks = [
        _item(f"Mark as {status}…", [end.becomes(status), marked.becomes(row.held), open_dialog(_ENDING)])
        for status in _ENDS
    ]
    delete = [doomed.becomes(row.held), open_dialog(_DELETING)]
    menu = rx.fragment(
        Menu.create(
            rx.cond(runs & row.is_ended, _item("Restart", TaskPage.start(task_id))),
            rx.cond(
                runs, link("Again with changes…", to=f"{routes.NEW_JOB}?from={task_id}", role="menuitem")
            ),
            rx.cond(ends, rx.fragment(*marks)),
            rx.cond(
                Visitor.may_operate,
                rx.cond(
                    row.archived_at,
                    _item("Bring back", put_away(row, False)),
                    _item("Archive", put_away(row, True)),
                ),
            ),
            rx.cond(Visitor.may_operate, _item("Delete…", delete, class_name="is-grave")),
            label="More actions",
            class_name="button is-icon",
            face=icon("more"),
        ),
        _mark_ended(row=rx.cond(marked.value, marked.value, row.held), status=end.value),
        rx.cond(Visitor.may_operate, _delete_task(row=rx.cond(doomed.value, doomed.value, row.held))),
    )
    return rx.cond(
        row.is_there,
        rx.cond(
            ~Visitor.known & row.is_job,
            rx.el.span(class_name="button is-icon is-awaited"),
            rx.cond(runs | Visitor.may_operate | ends, menu),
        ),
    )


def _item(words: str, on_click: Any, **props: Any) -> rx.Component:
    return rx.el.button(words, type="button", role="menuitem", on_click=on_click, **props)


def put_away(row: TaskRow, archived: bool) -> list[Any]:
    """Return what archives a task, or brings it back; shown at once."""
    at = expression("new Date().toISOString()") if archived else None
    return [task.expect(archivedAt=at), TaskPage.archive(row.id.to(int), archived)]


@part
def bring_back() -> rx.Component:
    """A button that ends the archiving."""
    return rx.el.button(
        "Bring back", type="button", class_name="button is-small", on_click=put_away(task.row(), False)
    )


@part
def _mark_ended(row: Row, status: rx.Var[str]) -> rx.Component:
    """How it ended, said by a person; of a task that still reports, that there is another way."""
    marked = TaskRow(row)
    state = ticking(function("liveness.js", "stateOf"), row, gives=str)
    return Dialog.create(
        rx.el.p(
            "It counts as having ended when it was heard last, ",
            ago(at=marked.last_updated, class_name="num"),
            ". Its program is not told.",
        ),
        rx.cond(
            state == "running",
            rx.el.p("It has not fallen silent for long: Stop asks the program itself to end."),
        ),
        id=_ENDING,
        title=f"Mark “{marked.title}” as {status}?",
        verb=f"Mark as {status}",
        no="Cancel",
        on_yes=TaskPage.mark_ended(marked.id.to(int), status),
    )


@part
def _delete_task(row: Row) -> rx.Component:
    """Names the task and what goes with it, as it was when this was opened; who only wants it out of sight is told of the other way."""
    doomed = TaskRow(row)
    runs = doomed.is_job & ~(doomed.is_ended | (doomed.status == "queued"))
    lost = rx.fragment(
        rx.el.p(_losses(), " are lost for good, for everybody."),
        FoldersLost.create(rows=rx.Var.create([row])),
        rx.cond(
            doomed.archived_at,
            rx.fragment(),
            rx.el.p("To only have it out of the way, archive it instead."),
        ),
    )
    return Dialog.create(
        rx.cond(runs, rx.el.p("It runs. Stop it first."), lost),
        rx.cond(
            doomed.is_job | doomed.is_ended,
            rx.fragment(),
            rx.el.p("It has not ended: its next report makes a new task."),
        ),
        id=_DELETING,
        title=f"Delete “{doomed.title}”?",
        verb="Delete",
        is_possible=~runs,
        on_yes=TaskPage.delete(doomed.id.to(int)),
    )


def _losses() -> rx.Var[str]:
    points, attempts = task.points(), task.attempts().length()
    number = rx.cond(points == 1, "1 point, ", f"{counted(points)} points, ")
    return (
        "Its "
        + rx.cond(points > 0, number, "").to(str)
        + rx.cond(attempts > 1, f"all {attempts} attempts, ", "").to(str)
        + "history, tags and notes"
    )
