"""One task: what it is, how far it is, and what can be done with it."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_task, of_task_and_flag, of_task_and_text
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.task_page import TaskPage


class TaskFeed(Local):
    """Feeds the store of one task's page."""

    asset = "task_view.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]
    refusals: rx.Var[int]


class TaskState(Local):
    """Badge and liveness."""

    asset = "task_view.jsx"


class TaskReason(Local):
    """Why the task failed or was stopped."""

    asset = "task_view.jsx"


class TaskOrigin(Local):
    """GPU, start, attempt and message in a line."""

    asset = "task_view.jsx"


class TaskFigure(Local):
    """One number of the grid: "epoch", "steps", "loss" or "accuracy"."""

    asset = "task_view.jsx"
    part: rx.Var[str]


class TaskProgress(Local):
    """Bar, percentage, and how long it will take."""

    asset = "task_view.jsx"


class WhileThere(Local):
    """Its children, until the task is deleted; then words that say so."""

    asset = "task_view.jsx"


class ArchivedNote(Local):
    """That the task is archived, where it is, and its children beside."""

    asset = "task_view.jsx"


class StopControl(Local):
    """The Stop button of a task that reports, then what came of it; nothing for jobs."""

    asset = "task_view.jsx"
    on_stop: rx.EventHandler[of_task_and_flag]


class BringBack(Local):
    """A button that ends the archiving."""

    asset = "task_menu.jsx"
    on_archive: rx.EventHandler[of_task_and_flag]


class TaskMenu(Local):
    """What is seldom done, behind a quiet button, as far as the visitor may; Delete asks first."""

    asset = "task_menu.jsx"
    known: rx.Var[bool]
    annotate: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[of_task]
    on_end: rx.EventHandler[of_task_and_text]
    on_archive: rx.EventHandler[of_task_and_flag]
    on_delete: rx.EventHandler[of_task]


class AttemptTable(Local):
    """Every attempt with its state and times, and whether its curve is laid over the current one."""

    asset = "task_view.jsx"


class EventList(Local):
    """The task's history, newest first."""

    asset = "task_view.jsx"


class FactList(Local):
    """What else is known of the task."""

    asset = "task_view.jsx"


class ExportLinks(Local):
    """Downloads."""

    asset = "task_view.jsx"


def task_feed() -> rx.Component:
    """The task page's feed, wired to the broadcast vars."""
    return TaskFeed.create(frame=Live.task, joined=Live.joined, refusals=TaskPage.refusals)
