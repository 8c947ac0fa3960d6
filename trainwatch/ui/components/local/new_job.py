"""The form of a new job."""

from typing import Any

import reflex as rx

from trainwatch.ui.components.local.shape import Local


class RunnerFields(Local):
    """What executes a new job, with the fields that this needs; its children are shown for a simulated one.

    While nothing is `known`, it shows what it knew last.
    """

    asset = "runner_fields.jsx"
    known: rx.Var[bool]
    runners: rx.Var[list[str]]
    offer: rx.Var[dict[str, Any]]
    values: rx.Var[dict[str, str]]
    problems: rx.Var[dict[str, str]]
    signed_in: rx.Var[bool]


class CreateButtons(Local):
    """What sends the form of a new job: with `start` or without."""

    asset = "job_form.jsx"
    problems: rx.Var[dict[str, str]]
