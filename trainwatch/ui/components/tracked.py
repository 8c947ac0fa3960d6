"""A task that an agent works on: iterations, criteria, budget, files. Nothing of it shows for other tasks."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, NumberVar, StringVar

from trainwatch.ui.browser import task
from trainwatch.ui.browser.clock import clock_time, ticking
from trainwatch.ui.browser.format import counted, percent
from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Action, Criterion, Tracked
from trainwatch.ui.browser.script import function
from trainwatch.ui.browser.shapes import is_known
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.track import track

_ENDINGS = {"complete": "Done", "failed": "Failed", "stopped": "Stopped"}


@part
def task_grid(children: rx.Var[rx.Component], is_job: rx.Var[bool]) -> rx.Component:
    """The grid of a task's page, another one for what an agent works on; which of them shows when the task does, but of jobs it is known."""
    row, is_loaded = task.row(), task.loaded()
    is_settled = row.is_there & (is_loaded | ~row.is_agents)
    kind = rx.cond(is_settled, rx.cond(row.is_agents, "is-agents", ""), rx.cond(is_job, "", "is-unknown"))
    return rx.el.div(children, class_name=f"task-grid {kind}")


@part
def of_training(children: rx.Var[rx.Component]) -> rx.Component:
    """Its children, unless the task is an agent's, which trains nothing."""
    return rx.cond(task.row().is_agents, rx.fragment(), rx.fragment(children))


@part
def tracked_progress() -> rx.Component:
    """How far it is, by iterations and in all; then what is being done."""
    tracked, row = task.tracked(), task.row()
    iteration, most, done = tracked.iteration, tracked.max_iterations, tracked.progress / 100
    tone = rx.cond(row.is_ended, row.status, "running")
    criteria = rx.el.span(
        f"{counted(tracked.criteria_verified)} of {counted(tracked.criteria_total)} criteria",
        class_name="caption num",
    )
    return rx.cond(
        row.is_there & is_known(tracked.held),
        rx.el.div(
            rx.el.div(
                _gauge(
                    "Iteration",
                    rx.fragment(counted(iteration), rx.el.span(" / ", counted(most))),
                    fraction=iteration / most,
                    tone=rx.cond(row.is_ended | (iteration < most), tone, "over"),
                    spoken=f"iteration {iteration} of {most}",
                ),
                _gauge(
                    "Complete",
                    rx.fragment(percent(done)),
                    note=rx.cond(tracked.criteria_total > 0, criteria),
                    fraction=done,
                    tone=tone,
                    spoken=percent(done),
                ),
                class_name="gauges",
            ),
            rx.cond(row.is_ended, rx.fragment(), _doing()),
            class_name="tracked",
        ),
    )


def _gauge(
    name: str,
    value: rx.Component,
    *,
    fraction: rx.Var[Any],
    tone: rx.Var[str],
    spoken: rx.Var[str] | str,
    note: rx.Component | None = None,
) -> rx.Component:
    """A number, what it is of, and a bar of it."""
    return rx.el.div(
        rx.el.p(rx.el.span(name, class_name="gauge-name"), note or rx.fragment(), class_name="gauge-words"),
        rx.el.p(value, class_name="gauge-value num"),
        track(name, fraction, tone=tone, spoken=spoken),
        class_name="gauge",
    )


@part
def _doing() -> rx.Component:
    """What is being done, how long it has run and will, and which limits it has reached."""
    tracked, row = task.tracked(), task.row()
    ends: StringVar[str] = ticking(function("liveness.js", "etaAndEnd"), row.held, gives=str)
    running: StringVar[str] = ticking(function("tracked.js", "sinceText"), tracked.started_at, gives=str)
    quiet: StringVar[str] = ticking(function("tracked.js", "quietText"), row.held, gives=str)
    tone: StringVar[str] = ticking(function("liveness.js", "livenessOf"), row.held, gives=str)
    told = rx.cond(tracked.stop_requested, " It was told to stop.", "")
    return rx.el.div(
        rx.cond(
            is_known(tracked.action.held),
            _action(held=tracked.action.held),
            rx.el.p("It has not said what it does", class_name="action is-idle"),
        ),
        rx.el.p(
            rx.el.span(rx.cond(running, f"running for {running}", "\u00a0"), class_name="num"),
            rx.cond(ends, rx.el.span(ends, class_name="num")),
            rx.cond(quiet, rx.el.span(f"no event for {quiet}", class_name=f"num quiet-for is-{tone}")),
            class_name="doing-facts",
        ),
        _limits(tracked, told),
        class_name="doing",
    )


def _limits(tracked: Tracked, more: rx.Var[str] | str = "") -> rx.Component:
    """Which limits it has reached, and what came of it."""
    number = tracked.limits_reached.length()
    words = function("tracked.js", "limitsText").call(tracked.held).to(str)
    return rx.cond(
        number > 0,
        rx.el.p(
            icon("warning", size=14),
            rx.el.span(rx.cond(number > 1, "Limits", "Limit"), " reached: ", words, ".", more),
            class_name="limit",
            role="status",
        ),
    )


@part
def _action(held: rx.Var[dict[str, Any]]) -> rx.Component:
    """What is being done, with a clock of its own; what was done last has the mark of how it went."""
    action = Action(held)
    state = rx.cond(action.is_done, rx.cond(action.success, "complete", "failed"), "running")
    clock: StringVar[str] = ticking(function("tracked.js", "sinceText"), action.started_at, gives=str)
    return rx.el.p(
        rx.cond(action.is_done, icon(state, size=16), rx.el.span(class_name="dot", aria_hidden="true")),
        rx.el.span(
            rx.el.span(rx.cond(action.is_done, "Last action: ", "Now: "), class_name="sr"),
            rx.el.strong(action.action),
            rx.cond(action.target, rx.el.code(action.target)),
            class_name="action-text",
            title=rx.cond(action.target, f"{action.action}: {action.target}", action.action),
        ),
        rx.el.span(
            rx.cond(action.is_done, rx.cond(action.success, "done", "failed"), clock),
            class_name="num action-clock",
        ),
        class_name=f"action is-{state}",
    )


@part
def tracked_end() -> rx.Component:
    """How it ended: what was done, what it took, and which limit it reached; nothing while it goes on."""
    tracked, row = task.tracked(), task.row()
    took = function("tracked.js", "tookText").call(tracked.held, row.held).to(str)
    ended_at = rx.cond(tracked.completed_at, tracked.completed_at, row.finished_at)
    reason = rx.cond(row.status == "complete", "", row.status_reason)
    said = rx.cond(is_known(tracked.summary), tracked.summary, reason)
    money = function("tracked.js", "money").call(tracked.cost).to(str)
    verified = f"{counted(tracked.criteria_verified)} / {counted(tracked.criteria_total)}"
    facts = {
        "Criteria": rx.cond(tracked.criteria_total > 0, verified, "none"),
        "Iterations": f"{counted(tracked.iteration)} / {counted(tracked.max_iterations)}",
        "Files created": counted(tracked.files_created.length()),
        "Files modified": counted(tracked.files_modified.length()),
        "Time": took,
        "Cost": money,
        "Errors": counted(tracked.errors),
    }
    return rx.cond(
        row.is_ended & is_known(tracked.held),
        rx.el.section(
            rx.el.header(
                icon(row.status, size=22),
                rx.el.h2(rx.Var.create(_ENDINGS)[row.status].to(str)),
                rx.el.span(clock_time(at=ended_at, class_name=""), ", took ", took, class_name="num caption"),
            ),
            _limits(tracked),
            rx.cond(said, rx.el.p(said, class_name="outcome-summary")),
            rx.el.dl(
                *(
                    rx.el.div(rx.el.dt(name), rx.el.dd(value, class_name="num"))
                    for name, value in facts.items()
                ),
                class_name="outcome-facts",
            ),
            class_name=f"card outcome is-{row.status}",
            aria_label="Outcome",
        ),
    )


@part
def tracked_criteria() -> rx.Component:
    """What has to be true in the end, and since when it is."""
    tracked = task.tracked()
    verified = f"{counted(tracked.criteria_verified)} of {counted(tracked.criteria_total)} verified"
    return rx.cond(
        tracked.criteria_total > 0,
        rx.el.section(
            rx.el.header(
                rx.el.h2("Criteria"), rx.el.span(verified, class_name="num caption"), class_name="card-head"
            ),
            rx.el.ol(rx.foreach(tracked.criteria, lambda each: _criterion(held=each))),
            class_name="card criteria",
            aria_label="Criteria",
        ),
    )


@part
def _criterion(held: rx.Var[dict[str, Any]]) -> rx.Component:
    criterion = Criterion(held)
    at = criterion.verified_at
    return rx.el.li(
        rx.el.span(rx.cond(at, icon("complete", size=14)), class_name="check"),
        rx.el.span(
            criterion.text,
            rx.el.span(rx.cond(at, ", verified", ", not verified"), class_name="sr"),
            class_name="criterion",
        ),
        rx.cond(at, clock_time(at=at, class_name="caption num")),
        class_name=rx.cond(at, "is-verified", ""),
    )


@part
def tracked_files() -> rx.Component:
    """The files that the agent made and changed, the last ones first."""
    tracked = task.tracked()
    created, modified = tracked.files_created, tracked.files_modified
    return rx.cond(
        is_known(tracked.held) & (created.length() + modified.length() > 0),
        rx.el.section(
            rx.el.header(rx.el.h2("Files"), class_name="card-head"),
            _files(name="created", files=created, key=f"created {tracked.started_at}"),
            _files(name="modified", files=modified, key=f"modified {tracked.started_at}"),
            class_name="card files",
            aria_label="Files",
        ),
    )


@part
def _files(name: rx.Var[str], files: rx.Var[list[str]]) -> rx.Component:
    """A few of them, or all; as many as fit anyway need no button."""
    listed = files.to(list[str])
    number, few, most = listed.length(), _number("FEW_FILES"), _number("MOST_FILES")
    wants_all = Kept("wantsAll", initial=False, gives=bool)
    is_all = wants_all.value & (number > few)
    shown: ArrayVar[list[str]] = function("tracked.js", "filesShown").call(files, is_all).to(list[str])
    return rx.cond(
        number > 0,
        rx.fragment(
            rx.el.h3(f"{counted(number)} {name}", class_name="num"),
            rx.el.ul(
                rx.foreach(shown, lambda file: rx.el.li(rx.el.bdi(file), title=file, key=file)),
                rx.cond(is_all & (number > most), rx.el.li(f"and {counted(number - most)} earlier")),
                class_name=rx.cond(is_all, "is-whole", ""),
                aria_label=f"Files {name}",
            ),
            rx.cond(
                number > few,
                rx.el.button(
                    rx.cond(is_all, "Show the last ones", f"Show all {counted(number)}"),
                    type="button",
                    class_name="button is-small is-quiet",
                    aria_expanded=is_all,
                    on_click=wants_all.becomes(~is_all),
                ),
            ),
        ),
    )


def _number(name: str) -> NumberVar[int]:
    return function("tracked.js", name).to(int)
