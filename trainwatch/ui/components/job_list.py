"""The jobs, to start, stop and delete one by one or several at once."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, NumberVar

from trainwatch.ui import routes
from trainwatch.ui.browser import overview, selection
from trainwatch.ui.browser.clock import ago
from trainwatch.ui.browser.format import counted
from trainwatch.ui.browser.navigation import follow, link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import ListedTask, TaskRow
from trainwatch.ui.browser.steady import settling
from trainwatch.ui.components.demo import start_demo
from trainwatch.ui.components.dialog import Dialog, FoldersLost
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.quiet import quiet, unloaded, waiting
from trainwatch.ui.components.steady_button import steady_button
from trainwatch.ui.components.task_list import more
from trainwatch.ui.components.task_parts import liveness, state_badge
from trainwatch.ui.components.task_row import course, row_name
from trainwatch.ui.state.jobs import JobList
from trainwatch.ui.state.visitor import Visitor

_DELETING = "delete-jobs"
_NAMED = 5


@part
def job_list() -> rx.Component:
    """The list; words in place of it where there is no job."""
    has_none = overview.number_of_ids() == 0
    is_more = (overview.number_of_ids() < overview.total()) | overview.problem().bool()
    return rx.cond(
        ~overview.loaded() | ~overview.answered("jobs", bool),
        waiting(),
        rx.cond(
            overview.problem() & has_none,
            unloaded("jobs"),
            rx.cond(has_none, _no_job(), rx.fragment(_jobs(), rx.cond(is_more, more(noun="job")))),
        ),
    )


def _no_job() -> rx.Component:
    return quiet(
        "No job yet",
        "A job is a training that TrainWatch starts, watches and stops.",
        rx.cond(
            Visitor.may_simulate,
            rx.el.span(
                link("New job", to=routes.NEW_JOB, class_name="button is-primary"),
                start_demo(),
                class_name="quiet-acts no-job",
            ),
        ),
    )


def _may_pick() -> rx.Var[bool]:
    """Whether jobs can be chosen; until the visitor is known there is room for that."""
    return Visitor.may_simulate | ~Visitor.known


@part
def _jobs() -> rx.Component:
    ids = overview.ids()
    return rx.el.section(
        rx.cond(_may_pick(), _chosen()),
        rx.el.ul(
            rx.foreach(ids, lambda job_id: _job_row(job_id=job_id, key=job_id)),
            class_name="rows",
            aria_label="Jobs",
        ),
        class_name="card jobs",
        aria_label="Jobs",
    )


@part
def _chosen() -> rx.Component:
    """What can be done to those that are chosen; of each action, to how many."""
    chosen = selection.chosen(simulate=Visitor.may_simulate, operate=Visitor.may_operate)
    some = chosen.all.length() > 0
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                aria_label="Choose all",
                checked=chosen.is_each,
                on_change=selection.pick_all(),
                custom_attrs={"ref": selection.partly(some & ~chosen.is_each)},
            ),
            class_name="pick",
        ),
        rx.el.span(
            rx.cond(some, f"{counted(chosen.all.length())} chosen", _jobs_in_words(overview.total())),
            class_name="chosen-count num",
            role="status",
        ),
        rx.cond(
            some,
            rx.el.div(
                _act("running", "Start", chosen.starting, on_act=JobList.start(chosen.starting)),
                _act("stop", "Stop", chosen.stopping, on_act=JobList.stop(chosen.stopping)),
                rx.cond(
                    Visitor.may_operate,
                    _act(
                        "trash",
                        "Delete…",
                        chosen.deleting,
                        on_act=selection.ask_to_delete(_DELETING),
                        more=" is-danger",
                    ),
                ),
                rx.el.button(
                    "Choose none",
                    type="button",
                    class_name="button is-small is-quiet",
                    on_click=selection.pick_none(),
                ),
                class_name="chosen-acts",
            ),
        ),
        rx.cond(Visitor.may_operate, _delete_question()),
        class_name="chosen",
        role="toolbar",
        aria_label="Chosen jobs",
    )


def _act(name: str, label: str, ids: ArrayVar[list[int]], *, on_act: Any, more: str = "") -> rx.Component:
    return steady_button(
        icon(name, size=13),
        f" {label} ",
        rx.el.span(counted(ids.length()), class_name="num count"),
        class_name=f"button is-small{more}",
        disabled=ids.length() == 0,
        on_act=on_act,
    )


@part
def _delete_question() -> rx.Component:
    """Asks about the rows that could be deleted when it was opened."""
    doomed = selection.doomed()
    number = doomed.rows.length()
    return Dialog.create(
        rx.el.ul(
            rx.foreach(doomed.rows[:_NAMED], lambda row: rx.el.li(TaskRow(row).title, key=TaskRow(row).id)),
            rx.cond(number > _NAMED, rx.el.li("and ", counted(number - _NAMED), " more")),
            class_name="dialog-list",
        ),
        rx.el.p("Their points, attempts and history are lost for good, for everybody."),
        FoldersLost.create(rows=doomed.rows),
        rx.cond(
            doomed.kept > 0,
            rx.el.p(
                rx.cond(
                    doomed.kept == 1,
                    "One that is chosen runs: it stays.",
                    f"{counted(doomed.kept)} that are chosen run: they stay.",
                )
            ),
        ),
        id=_DELETING,
        title=f"Delete {_jobs_in_words(number)}?",
        verb="Delete",
        on_yes=JobList.delete(selection.doomed_ids()),
    )


def _jobs_in_words(number: NumberVar[int]) -> rx.Var[str]:
    return rx.cond(number == 1, "1 job", f"{counted(number)} jobs")


@part
def _job_row(job_id: rx.Var[int]) -> rx.Component:
    """One job; a click beside its title leads to its page too."""
    row, to = overview.row(job_id), f"/training/jobs/{job_id}"
    return rx.cond(
        row.is_there,
        rx.el.li(
            rx.cond(
                _may_pick(),
                rx.el.label(
                    rx.el.input(
                        type="checkbox",
                        aria_label=f"Choose {row.title}",
                        checked=selection.is_picked(job_id),
                        on_change=selection.pick(job_id),
                    ),
                    class_name="pick",
                ),
            ),
            row_name(row, to, rx.el.span(row.job.model_name, " · ", row.source, class_name="row-gpu")),
            course(row=row.held),
            rx.el.div(state_badge(row=row.held), _state(row), class_name="row-state"),
            rx.el.div(
                rx.cond(
                    rx.cond(row.source == "simulated", Visitor.may_simulate, Visitor.may_operate),
                    _control(row),
                ),
                class_name="row-act",
            ),
            class_name=f"row job-row {rx.cond(_may_pick(), '', 'is-bare')}",
            on_click=follow(to, beside="a, button, label, input"),
        ),
    )


def _state(row: ListedTask) -> rx.Component:
    def words(text: str) -> rx.Component:
        return rx.el.span(text, class_name="caption")

    return rx.cond(
        row.is_waiting,
        words("waiting for its turn"),
        rx.cond(
            row.status == "queued",
            words("not started"),
            rx.cond(
                row.is_ended,
                ago(at=row.last_at, class_name="caption num"),
                rx.cond(row.stop_requested, words("stopping…"), liveness(row=row.held, full=False)),
            ),
        ),
    )


def _control(row: ListedTask) -> rx.Component:
    """The one thing that can be done to it now; one button, which keeps the focus when its meaning changes."""

    def now(restart: Any, start: Any, take_back: Any, stop: Any) -> Any:
        return rx.cond(
            row.can_start, rx.cond(row.is_ended, restart, start), rx.cond(row.is_waiting, take_back, stop)
        )

    label, itself = now("Restart", "Start", "Take back", "Stop"), rx.Var.create([row.id]).to(list[int])
    return steady_button(
        icon(now("reset", "running", "close", "stop"), size=13),
        " ",
        label,
        settling=settling(label),
        class_name="button is-small",
        aria_label=f"{label}: {row.title}",
        disabled=row.stop_requested & ~row.is_ended,
        on_act=rx.cond(row.can_start, JobList.start(itself), JobList.stop(itself)),
    )
