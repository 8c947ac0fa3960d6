"""`/`: every task, every GPU, and what happened lately."""

import reflex as rx

from trainwatch.ui.components.demo import demo_note
from trainwatch.ui.components.filters import finders, list_title, status_tabs
from trainwatch.ui.components.gpu_cards import gpu_cards
from trainwatch.ui.components.local.lists import overview_feed
from trainwatch.ui.components.notices import notices
from trainwatch.ui.components.shell import shell
from trainwatch.ui.components.task_list import task_list


def dashboard_page() -> rx.Component:
    """Tasks at the left, GPUs and notifications beside them; one column on a phone."""
    return shell(
        overview_feed(),
        rx.el.div(
            rx.el.section(
                rx.el.div(list_title(), finders(), class_name="main-head"),
                status_tabs(),
                demo_note(),
                task_list(),
                class_name="main",
                aria_label="Tasks",
            ),
            rx.el.aside(
                rx.el.section(rx.el.h2("GPUs", class_name="rail-title"), gpu_cards(), class_name="rail-gpus"),
                rx.el.section(rx.el.h2("Notifications", class_name="rail-title"), notices()),
                class_name="rail",
            ),
            class_name="dashboard",
        ),
        section="Tasks",
    )
