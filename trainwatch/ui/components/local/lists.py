"""What both lists share: their feed."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local
from trainwatch.ui.state.live import Live


class OverviewFeed(Local):
    """Feeds the store of a list: of every task, or of the jobs alone."""

    asset = "overview_feed.jsx"
    jobs: rx.Var[bool]
    frame: rx.Var[dict[str, Any]]
    toasts: rx.Var[dict[str, Any]]
    joined: rx.Var[dict[str, Any]]


def overview_feed(*, jobs: bool = False) -> rx.Component:
    """The feed of a list, wired to the broadcast vars."""
    return OverviewFeed.create(jobs=jobs, frame=Live.overview, toasts=Live.toasts, joined=Live.joined)
