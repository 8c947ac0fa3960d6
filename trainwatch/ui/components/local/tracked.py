"""The events of a tracked task."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live


class TrackedLog(Local):
    """The events, live, of one type or of all."""

    asset = "tracked_log.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def tracked_log() -> rx.Component:
    """The event log, wired to the broadcast vars."""
    return TrackedLog.create(frame=Live.task, joined=Live.joined)
