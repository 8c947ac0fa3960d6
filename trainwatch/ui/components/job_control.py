"""What the page of a task shows of a job only: what it trains, and the one thing that can be done to it now."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import ticking
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import TaskRow
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.steady import settling
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.steady_button import steady_button
from trainwatch.ui.state.task_page import TaskPage
from trainwatch.ui.state.visitor import Visitor

_STAGES = {
    "interrupting": "Asked to stop (SIGINT)",
    "terminating": "Told to end (SIGTERM)",
    "killing": "Ending what is left (SIGKILL)",
}
_NEXT = {"interrupting": "SIGTERM", "terminating": "SIGKILL"}


@part
def job_subtitle(expected: rx.Var[bool]) -> rx.Component:
    """What the job trains, in one line; `expected` keeps its room until it is known."""
    job = task.job()
    epochs = rx.cond(job.epochs == 1, "epoch", "epochs")
    words = rx.cond(
        job.model_name, f"{job.model_name} - {job.epochs} {epochs} - LR {job.learning_rate}", "\u00a0"
    )
    return rx.cond(expected | job.model_name.bool(), rx.el.p(words, class_name="task-subtitle num"))


def may_run(row: TaskRow) -> rx.Var[bool]:
    """Pretending is for everybody here, real processes are for operators."""
    return rx.cond(row.source == "simulated", Visitor.may_simulate, Visitor.may_operate)


def _meaning(row: TaskRow) -> rx.Var[str]:
    """What a click does now; of each stage of stopping it is another thing."""
    return rx.cond(
        row.is_waiting,
        "take back",
        rx.cond(row.stop_requested, f"hurry {row.stop_stage}", rx.cond(row.can_start, "start", "stop")),
    )


@part
def job_control() -> rx.Component:
    """Start it, take its start back, or stop it. It keeps its room until the visitor is known."""
    row = task.row()
    is_shown = row.is_job & ~row.is_ended
    is_settling = settling(_meaning(row))
    return rx.cond(
        is_shown,
        rx.cond(
            row.is_waiting,
            _waiting(row, is_settling),
            rx.cond(
                row.stop_requested,
                _stopping(is_settling=is_settling),
                rx.cond(~Visitor.known | may_run(row), _main(row, is_settling)),
            ),
        ),
    )


def _main(row: TaskRow, is_settling: rx.Var[bool]) -> rx.Component:
    job_id = row.id.to(int)
    start = steady_button(
        icon("running", size=14),
        " Start Training",
        settling=is_settling,
        class_name="button is-primary is-main",
        on_act=[task.expect(isWaiting=True), TaskPage.start(job_id)],
    )
    stop = steady_button(
        icon("stop", size=14),
        " Stop Training",
        settling=is_settling,
        class_name="button is-danger is-filled is-main",
        on_act=[task.expect(stopRequested=True), TaskPage.stop(job_id, "")],
    )
    return rx.el.div(rx.cond(row.can_start, start, stop), class_name=rx.cond(Visitor.known, "", "is-awaited"))


def _waiting(row: TaskRow, is_settling: rx.Var[bool]) -> rx.Component:
    take_back = steady_button(
        "Take back",
        settling=is_settling,
        class_name="button is-small",
        on_act=[task.expect(isWaiting=False), TaskPage.stop(row.id.to(int), "")],
    )
    return rx.el.div(
        rx.el.span("Waiting for its turn"),
        rx.cond(may_run(row), take_back),
        class_name="stage",
        role="status",
    )


@part
def _stopping(is_settling: rx.Var[bool]) -> rx.Component:
    """Which stage of stopping it is in, and when the next one begins; who cannot wait ends it at once."""
    row = task.row()
    stage = row.stop_stage
    following = rx.Var.create(_NEXT)[stage].to(str)
    said = rx.cond(stage, rx.Var.create(_STAGES)[stage].to(str), "Stopping…")
    rest: Any = ticking(function("job.js", "restOfStage"), row.held, gives=str)
    is_unheard = ~stage.bool() & (row.source != "simulated")
    return rx.el.div(
        rx.el.span(said, role="status"),
        rx.cond(following & rest, rx.el.span(f"{following} in {rest}", class_name="num stage-next")),
        rx.cond(
            may_run(row) & (following.bool() | is_unheard),
            steady_button(
                rx.cond(following, "Do not wait", "Ask again"),
                settling=is_settling,
                class_name="button is-small",
                on_act=TaskPage.stop(row.id.to(int), rx.cond(following, stage, "")),
            ),
        ),
        class_name="stage is-stopping",
    )
