"""What feeds the store of a task's page."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.task_page import TaskPage


class TaskFeed(Local):
    """Feeds the store of one task's page."""

    asset = "task_feed.jsx"
    frame: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]
    refusals: rx.Var[int]


def task_feed() -> rx.Component:
    """The task page's feed, wired to the broadcast vars."""
    return TaskFeed.create(frame=Live.task, joined=Live.joined, refusals=TaskPage.refusals)
