"""The log of a task: of a job, of a command, or what any program has sent."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live


class TaskLog(Local):
    """What a task prints, as it does; nothing for one that tells nobody what it prints."""

    asset = "log_view.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def task_log() -> rx.Component:
    """The log, wired to the broadcast vars."""
    return TaskLog.create(frame=Live.log, joined=Live.joined)
