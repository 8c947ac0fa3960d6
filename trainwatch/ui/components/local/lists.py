"""What both lists share: their feed, and the words about the demo."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_nothing
from trainwatch.ui.state.live import Live


class OverviewFeed(Local):
    """Feeds the store of a list: of every task, or of the jobs alone."""

    asset = "task_list.jsx"
    jobs: rx.Var[bool]
    frame: rx.Var[dict[str, Any]]
    toasts: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


class DemoNote(Local):
    """Says of the demo that it is one, with the way to be rid of it."""

    asset = "demo.jsx"
    simulate: rx.Var[bool]
    on_remove: rx.EventHandler[of_nothing]


def overview_feed(*, jobs: bool = False) -> rx.Component:
    """The feed of a list, wired to the broadcast vars."""
    return OverviewFeed.create(jobs=jobs, frame=Live.overview, toasts=Live.toasts, joined=Live.joined)
