"""The log of a job, or of a command."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live


class JobLog(Local):
    """What a real job prints, or a command under `trainwatch run`, as it does; nothing for other tasks."""

    asset = "log_view.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def job_log() -> rx.Component:
    """The log, wired to the broadcast vars."""
    return JobLog.create(frame=Live.log, joined=Live.joined)
