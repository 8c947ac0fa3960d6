"""What the page of a task shows of a job only."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_task, of_task_and_text


class JobSubtitle(Local):
    """What the job trains."""

    asset = "job_view.jsx"
    expected: rx.Var[bool]


class JobControl(Local):
    """Start or stop a job, or take its start back; nothing for other tasks."""

    asset = "job_view.jsx"
    known: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[of_task]
    on_stop: rx.EventHandler[of_task_and_text]
