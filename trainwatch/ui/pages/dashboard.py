"""`/`: every task, every GPU, and what happened lately."""

import reflex as rx

from trainwatch.ui.components.demo import demo_note
from trainwatch.ui.components.local.dashboard import (
    Finders,
    GpuCards,
    ListTitle,
    Notices,
    StatusTabs,
    TaskList,
)
from trainwatch.ui.components.local.lists import overview_feed
from trainwatch.ui.components.shell import shell
from trainwatch.ui.state.jobs import Demo
from trainwatch.ui.state.visitor import Visitor


def dashboard_page() -> rx.Component:
    """Tasks at the left, GPUs and notifications beside them; one column on a phone."""
    return shell(
        overview_feed(),
        rx.el.div(
            rx.el.section(
                rx.el.div(ListTitle.create(), Finders.create(), class_name="main-head"),
                StatusTabs.create(),
                demo_note(),
                TaskList.create(simulate=Visitor.may_simulate, on_demo=Demo.begin),
                class_name="main",
                aria_label="Tasks",
            ),
            rx.el.aside(
                rx.el.section(
                    rx.el.h2("GPUs", class_name="rail-title"), GpuCards.create(), class_name="rail-gpus"
                ),
                rx.el.section(rx.el.h2("Notifications", class_name="rail-title"), Notices.create()),
                class_name="rail",
            ),
            class_name="dashboard",
        ),
        section="Tasks",
    )
