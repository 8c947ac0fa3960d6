"""The local components of assets/: they hold what moves, so that no update costs the server a render.

Each draws from a small store in the browser that a feed fills by HTTP and by the vars of `Live`.
"""

from typing import Any

import reflex as rx

from trainwatch.ui.state.live import Live
from trainwatch.ui.state.task_page import TaskPage


def _id_alone(task_id: rx.Var[int]) -> tuple[rx.Var[int]]:
    return (task_id,)


def _ids(job_ids: rx.Var[list[int]]) -> tuple[rx.Var[list[int]]]:
    return (job_ids,)


def _nothing() -> tuple[()]:
    return ()


def _id_and_text(task_id: rx.Var[int], text: rx.Var[str]) -> tuple[rx.Var[int], rx.Var[str]]:
    return task_id, text


def _id_and_list(task_id: rx.Var[int], texts: rx.Var[list[str]]) -> tuple[rx.Var[int], rx.Var[list[str]]]:
    return task_id, texts


def _id_and_flag(task_id: rx.Var[int], flag: rx.Var[bool]) -> tuple[rx.Var[int], rx.Var[bool]]:
    return task_id, flag


class OverviewFeed(rx.Component):
    """Feeds the store of a list: of every task, or of the jobs alone."""

    library = "$/public/task_list.jsx"
    tag = "OverviewFeed"
    jobs: rx.Var[bool]
    frame: rx.Var[dict[str, Any]]
    toasts: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


class TaskList(rx.Component):
    """The rows, or what to do when there are none."""

    library = "$/public/task_list.jsx"
    tag = "TaskList"
    simulate: rx.Var[bool]
    on_demo: rx.EventHandler[_nothing]


class JobList(rx.Component):
    """The jobs with what can be done to them, one by one or several at once."""

    library = "$/public/job_list.jsx"
    tag = "JobList"
    known: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[_ids]
    on_stop: rx.EventHandler[_ids]
    on_delete: rx.EventHandler[_ids]
    on_demo: rx.EventHandler[_nothing]


class DemoNote(rx.Component):
    """Says of the demo that it is one, with the way to be rid of it."""

    library = "$/public/demo.jsx"
    tag = "DemoNote"
    simulate: rx.Var[bool]
    on_remove: rx.EventHandler[_nothing]


class RunnerFields(rx.Component):
    """What executes a new job, with the fields that this needs; its children are shown for a simulated one."""

    library = "$/public/runner_fields.jsx"
    tag = "RunnerFields"
    runners: rx.Var[list[str]]
    offer: rx.Var[dict[str, Any]]
    values: rx.Var[dict[str, str]]
    problems: rx.Var[dict[str, str]]
    signed_in: rx.Var[bool]


class CreateButtons(rx.Component):
    """What sends the form of a new job: with `start` or without."""

    library = "$/public/job_form.jsx"
    tag = "CreateButtons"
    problems: rx.Var[dict[str, str]]


class ListTitle(rx.Component):
    """Which tasks the list is of."""

    library = "$/public/filters.jsx"
    tag = "ListTitle"


class StatusTabs(rx.Component):
    """The states with their counts, to filter by, and the archived tasks."""

    library = "$/public/filters.jsx"
    tag = "StatusTabs"


class Finders(rx.Component):
    """Search and sort."""

    library = "$/public/filters.jsx"
    tag = "Finders"


class GpuCards(rx.Component):
    """One card a GPU."""

    library = "$/public/gpu_cards.jsx"
    tag = "GpuCards"


class Notices(rx.Component):
    """The latest notifications."""

    library = "$/public/notices.jsx"
    tag = "Notices"


class Toasts(rx.Component):
    """Each notification once, three at a time."""

    library = "$/public/toasts.jsx"
    tag = "Toasts"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


class Connection(rx.Component):
    """Whether the page is current."""

    library = "$/public/connection.jsx"
    tag = "Connection"
    joined: rx.Var[dict[str, Any]]
    failing: rx.Var[bool]


class Account(rx.Component):
    """Who is signed in, or the way to sign in; leaves for it when the session ends."""

    library = "$/public/account.jsx"
    tag = "Account"
    name: rx.Var[str]
    known: rx.Var[bool]
    signed_in: rx.Var[bool]
    door: rx.Var[dict[str, Any]]
    failing: rx.Var[bool]


class SignOut(rx.Component):
    """A button that ends the session."""

    library = "$/public/account.jsx"
    tag = "SignOut"


class Snippet(rx.Component):
    """A text to copy."""

    library = "$/public/copy.jsx"
    tag = "Snippet"
    label: rx.Var[str]
    text: rx.Var[str]


class KeyTrial(rx.Component):
    """A line for a terminal that uses a key."""

    library = "$/public/copy.jsx"
    tag = "KeyTrial"
    secret: rx.Var[str]
    path: rx.Var[str]
    body: rx.Var[str]


class Ago(rx.Component):
    """A time as "3 min ago", ticking, with the exact one on hover."""

    library = "$/public/clock.jsx"
    tag = "Ago"
    at: rx.Var[str]


class Icon(rx.Component):
    """A small drawing beside words."""

    library = "$/public/icons.jsx"
    tag = "Icon"
    name: rx.Var[str]


class TaskFeed(rx.Component):
    """Feeds the store of one task's page."""

    library = "$/public/task_view.jsx"
    tag = "TaskFeed"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]
    problem: rx.Var[str]


class TaskState(rx.Component):
    """Badge and liveness."""

    library = "$/public/task_view.jsx"
    tag = "TaskState"


class TaskReason(rx.Component):
    """Why the task failed or was stopped."""

    library = "$/public/task_view.jsx"
    tag = "TaskReason"


class TaskOrigin(rx.Component):
    """GPU, start, attempt and message in a line."""

    library = "$/public/task_view.jsx"
    tag = "TaskOrigin"


class TaskFigure(rx.Component):
    """One number of the grid: "epoch", "steps", "loss" or "accuracy"."""

    library = "$/public/task_view.jsx"
    tag = "TaskFigure"
    part: rx.Var[str]


class TaskProgress(rx.Component):
    """Bar, percentage, and how long it will take."""

    library = "$/public/task_view.jsx"
    tag = "TaskProgress"


class JobSubtitle(rx.Component):
    """What the job trains."""

    library = "$/public/job_view.jsx"
    tag = "JobSubtitle"
    expected: rx.Var[bool]


class JobControl(rx.Component):
    """Start or stop a job, or take its start back; nothing for other tasks."""

    library = "$/public/job_view.jsx"
    tag = "JobControl"
    known: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[_id_alone]
    on_stop: rx.EventHandler[_id_alone]


class StopControl(rx.Component):
    """The Stop button of a task that reports, then what came of it; nothing for jobs."""

    library = "$/public/task_view.jsx"
    tag = "StopControl"
    on_stop: rx.EventHandler[_id_and_flag]


class WhileThere(rx.Component):
    """Its children, until the task is deleted; then words that say so."""

    library = "$/public/task_view.jsx"
    tag = "WhileThere"


class ArchivedNote(rx.Component):
    """That the task is archived, where it is, and its children beside."""

    library = "$/public/task_view.jsx"
    tag = "ArchivedNote"


class BringBack(rx.Component):
    """A button that ends the archiving."""

    library = "$/public/task_menu.jsx"
    tag = "BringBack"
    on_archive: rx.EventHandler[_id_and_flag]


class TaskMenu(rx.Component):
    """What is seldom done, behind a quiet button, as far as the visitor may; Delete asks first."""

    library = "$/public/task_menu.jsx"
    tag = "TaskMenu"
    known: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[_id_alone]
    on_archive: rx.EventHandler[_id_and_flag]
    on_delete: rx.EventHandler[_id_alone]


class AttemptTable(rx.Component):
    """Every attempt with its state and times, and whether its curve is laid over the current one."""

    library = "$/public/task_view.jsx"
    tag = "AttemptTable"


class EventList(rx.Component):
    """The task's history, newest first."""

    library = "$/public/task_view.jsx"
    tag = "EventList"


class FactList(rx.Component):
    """What else is known of the task."""

    library = "$/public/task_view.jsx"
    tag = "FactList"


class ExportLinks(rx.Component):
    """Downloads."""

    library = "$/public/task_view.jsx"
    tag = "ExportLinks"


class TaskTitle(rx.Component):
    """The title, which can be changed in place."""

    library = "$/public/edits.jsx"
    tag = "TaskTitle"
    on_rename: rx.EventHandler[_id_and_text]


class TagEditor(rx.Component):
    """The tags, to add and remove."""

    library = "$/public/edits.jsx"
    tag = "TagEditor"
    on_tags: rx.EventHandler[_id_and_list]


class NotesEditor(rx.Component):
    """Free text, saved when the field is left."""

    library = "$/public/edits.jsx"
    tag = "NotesEditor"
    on_notes: rx.EventHandler[_id_and_text]


class _Plotted(rx.Component):
    """Brings Plotly's small build along; it is loaded when a curve is first shown."""

    library = "$/public/charts.jsx"
    lib_dependencies: list[str] = ["plotly.js-basic-dist-min@3.7.0"]


class MainCurve(_Plotted):
    """The card of the main series with its controls."""

    tag = "MainCurve"


class OtherCurves(_Plotted):
    """Every other series, each small."""

    tag = "OtherCurves"


class JobLog(rx.Component):
    """What a real job prints, as it does; nothing for other tasks."""

    library = "$/public/log_view.jsx"
    tag = "JobLog"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def overview_feed(*, jobs: bool = False) -> rx.Component:
    """The feed of a list, wired to the broadcast vars."""
    return OverviewFeed.create(jobs=jobs, frame=Live.overview, toasts=Live.toasts, joined=Live.joined)


def task_feed() -> rx.Component:
    """The task page's feed, wired to the broadcast vars."""
    return TaskFeed.create(frame=Live.task, joined=Live.joined, problem=TaskPage.problem)


def job_log() -> rx.Component:
    """The log, wired to the broadcast vars."""
    return JobLog.create(frame=Live.log, joined=Live.joined)
