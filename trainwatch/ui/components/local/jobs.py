"""Jobs: their list, and what the page of a task shows of a job only."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_jobs, of_nothing, of_task, of_task_and_text


class JobList(Local):
    """The jobs with what can be done to them, one by one or several at once."""

    asset = "job_list.jsx"
    known: rx.Var[bool]
    simulate: rx.Var[bool]
    operate: rx.Var[bool]
    on_start: rx.EventHandler[of_jobs]
    on_stop: rx.EventHandler[of_jobs]
    on_delete: rx.EventHandler[of_jobs]
    on_demo: rx.EventHandler[of_nothing]


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
