"""The form of a new job."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local


class CreateButtons(Local):
    """What sends the form of a new job: with `start` or without."""

    asset = "job_form.jsx"
    problems: rx.Var[dict[str, str]]
