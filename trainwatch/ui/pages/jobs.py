"""`/training/jobs`: what TrainWatch itself starts and stops."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes
from trainwatch.ui.components.demo import demo_note
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.job_list import job_list
from trainwatch.ui.components.local.lists import overview_feed
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
from trainwatch.ui.state.jobs import JobList
from trainwatch.ui.state.visitor import Visitor


def jobs_page() -> rx.Component:
    """The list, and the way to a new job."""
    return shell(
        overview_feed(jobs=True),
        rx.el.div(
            rx.el.div(
                rx.el.h1("Jobs", class_name="page-title"),
                rx.cond(Visitor.may_simulate, _new_job(), rx.fragment()),
                class_name="main-head",
            ),
            problem(JobList.problem),
            demo_note(),
            job_list(),
            class_name="main jobs-page",
        ),
        section="Jobs",
    )


def _new_job() -> rx.Component:
    return ReactRouterLink.create(icon("plus"), "New job", to=routes.NEW_JOB, class_name="button is-primary")
