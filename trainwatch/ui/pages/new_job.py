"""`/training/jobs/new`: the form for a new job, empty or with the values of another (`?from=<id>`)."""

from typing import Any, Literal

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from trainwatch.ui import routes
from trainwatch.ui.components.back_link import back_link
from trainwatch.ui.components.form_field import words_of
from trainwatch.ui.components.job_fields import LABELS, runner_fields
from trainwatch.ui.components.local.lasting import Lasting
from trainwatch.ui.components.local.new_job import CreateButtons
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
from trainwatch.ui.state.new_job import NewJob

Mode = Literal["text", "numeric", "decimal"]
"""Which keys a phone shows."""


def new_job_page() -> rx.Component:
    """One column; what is wrong stands beside each field."""
    return shell(
        rx.el.div(
            back_link("All jobs", routes.JOBS),
            rx.el.h1(rx.cond(NewJob.is_again, "Again with changes", "New job"), class_name="page-title"),
            Lasting.create(
                _form(),
                of=NewJob.begins_with,
                otherwise="Jobs are made by those who may simulate or operate.",
                on_leave=NewJob.leave,
            ),
            class_name="new-job",
        ),
        section="Jobs",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            _field("name", "Name", about="What the job is called.", wide=True, focus=True),
            _field("modelName", "Model", about="The model that is trained, for people to read.", wide=True),
            _field("epochs", LABELS["epochs"], mode="numeric"),
            _field("stepsPerEpoch", LABELS["stepsPerEpoch"], mode="numeric"),
            _field("learningRate", LABELS["learningRate"], mode="decimal"),
            _field("batchSize", LABELS["batchSize"], mode="numeric"),
            class_name="job-fields",
        ),
        runner_fields(_simulated_options()),
        problem(NewJob.problem),
        rx.el.div(
            CreateButtons.create(problems=NewJob.problems),
            ReactRouterLink.create("Cancel", to=routes.JOBS, class_name="button is-quiet"),
            class_name="settings-acts",
        ),
        on_submit=_create,
        class_name="card job-form",
        no_validate=True,
    )


def _simulated_options() -> rx.Component:
    return rx.el.details(
        rx.el.summary("Options"),
        rx.el.div(
            _field("speed", "Speed", about="Points a second.", mode="decimal"),
            _field("failAt", "Fail at step", about="Nowhere if left empty.", mode="numeric"),
            _field(
                "seed", "Seed", about="Makes the curve repeat; else each attempt has its own.", mode="numeric"
            ),
            class_name="job-fields",
        ),
        class_name="job-options",
    )


def _field(
    name: str, label: str, *, about: str = "", mode: Mode = "text", wide: bool = False, focus: bool = False
) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            default_value=NewJob.values[name],
            input_mode=mode,
            auto_complete="off",
            auto_focus=focus,
            spell_check=False,
            custom_attrs={
                "aria-invalid": rx.cond(NewJob.problems[name], "true", "false"),
                "aria-describedby": f"{name}-words",
            },
        ),
        rx.el.div(words_of(name, about=about), id=f"{name}-words"),
        class_name="field is-wide" if wide else "field",
    )


def _create(form: rx.Var[dict[str, str]]) -> Any:
    """Hand over the fields beside their values, for a handler takes no dictionaries."""
    sent = form.to(dict[str, str])
    return NewJob.create(sent.keys(), sent.values())
