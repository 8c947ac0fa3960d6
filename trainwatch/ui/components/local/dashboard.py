"""The list of tasks, and what stands beside it."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_nothing


class TaskList(Local):
    """The rows, or what to do when there are none."""

    asset = "task_list.jsx"
    simulate: rx.Var[bool]
    on_demo: rx.EventHandler[of_nothing]


class ListTitle(Local):
    """Which tasks the list is of."""

    asset = "filters.jsx"


class StatusTabs(Local):
    """The states with their counts, to filter by, and the archived tasks."""

    asset = "filters.jsx"


class Finders(Local):
    """Search and sort."""

    asset = "filters.jsx"


class GpuCards(Local):
    """One card a GPU."""

    asset = "gpu_cards.jsx"


class Notices(Local):
    """The latest notifications."""

    asset = "notices.jsx"
