"""A tracked task: iterations, criteria, budget, files and events. Nothing of it shows for other tasks."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live


class TaskGrid(Local):
    """The grid of a task's page, or a job's, laid out otherwise for what an agent works on."""

    asset = "tracked_view.jsx"
    is_job: rx.Var[bool]


class OfTraining(Local):
    """Its children, unless an agent works on the task."""

    asset = "tracked_view.jsx"


class TrackedEnd(Local):
    """How it ended, which limit it reached, what was done and what that took; nothing while it goes on."""

    asset = "tracked_view.jsx"


class TrackedProgress(Local):
    """Iterations, percent, the current action with its clock, and how long nothing was heard."""

    asset = "tracked_view.jsx"


class TrackedCriteria(Local):
    """The checklist."""

    asset = "tracked_view.jsx"


class TrackedBudget(Local):
    """Cost and time against their limits, and where the cost leads."""

    asset = "tracked_view.jsx"


class TrackedFiles(Local):
    """Which files were created and modified."""

    asset = "tracked_view.jsx"


class TrackedLog(Local):
    """The events, live, of one type or of all."""

    asset = "tracked_log.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def tracked_log() -> rx.Component:
    """The event log, wired to the broadcast vars."""
    return TrackedLog.create(frame=Live.task, joined=Live.joined)
