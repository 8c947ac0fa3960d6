"""The log of a task: of a job, of a command, or what any program has sent."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, NumberVar, ObjectVar, StringVar

from trainwatch.ui.browser import task
from trainwatch.ui.browser.format import counted
from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Attempt
from trainwatch.ui.browser.script import expression, function, handler, hook
from trainwatch.ui.browser.shapes import Shape
from trainwatch.ui.components.download import Download
from trainwatch.ui.components.icon import icon
from trainwatch.ui.state.live import Live

_PROGRAMS = {
    "boosting": "gradient boosting",
    "deepspeed": "DeepSpeed",
    "fastai": "fastai",
    "huggingface": "Hugging Face Trainer",
    "json": "JSON lines",
    "keras": "Keras",
    "megatron": "Megatron",
    "pytorch": "PyTorch examples",
    "rich": "Rich",
    "text": "names with numbers",
    "ultralytics": "Ultralytics",
}
"""What the rules are called by which numbers were read."""


class LogPane(rx.Component):
    """The lines in sight, of what the page holds of the log."""

    library = "$/public/log_pane.jsx"
    tag = "LogPane"
    held: rx.Var[dict[str, Any]]
    following: rx.Var[bool]
    wraps: rx.Var[bool]
    wanted: rx.Var[str]
    chosen: rx.Var[int]
    goal: rx.Var[dict[str, Any]]
    reason: rx.Var[str]
    label: rx.Var[str]


class LogFinder(rx.Component):
    """The search of the log."""

    library = "$/public/log_finder.jsx"
    tag = "LogFinder"
    disabled: rx.Var[bool]


class _Shown(Shape):
    """Which log is shown; the current attempt beside the one that is."""

    id: NumberVar[int]
    attempt: NumberVar[int]
    current: NumberVar[int]


class _Log(Shape):
    card: StringVar[str]
    total: NumberVar[int]
    numbering: StringVar[str]
    fresh: NumberVar[int]
    following: BooleanVar
    loaded: BooleanVar
    goal: ObjectVar[dict[str, Any]]
    rules: ArrayVar[list[str]]
    problem: StringVar[str]
    text: StringVar[str]
    match: NumberVar[int]
    matches: NumberVar[int]
    at: NumberVar[int]
    reason: StringVar[str]
    ended: BooleanVar


@part
def task_log() -> rx.Component:
    """What a task prints, as it does; nothing for one that tells nobody what it prints."""
    chosen = Kept("chosen", None, dict[str, Any])
    feed = function("log_feed.js", "useLogFeed").call(Live.log, Live.joined, chosen.value)
    shown = _Shown(hook(feed, dict[str, Any]))
    return rx.cond(
        shown.id, _log(log_of=shown.id, attempt=shown.attempt, current=shown.current, choose=chosen.setter)
    )


@part
def _log(
    log_of: rx.Var[int], attempt: rx.Var[int], current: rx.Var[int], choose: rx.Var[Any]
) -> rx.Component:
    log = _Log(hook(function("log_feed.js", "useLog").call(attempt), dict[str, Any]))
    wraps = hook(function("log_feed.js", "useWraps").call(), dict[str, Any])
    is_wrapped = expression(f"{wraps!s}.wraps", wraps).to(bool)
    is_empty = log.total == 0
    which = f"{log_of} {attempt}"
    path = function("addresses.js", "logDownloadAddress").call(log_of, attempt)
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Log"),
            rx.el.div(
                LogFinder.create(disabled=is_empty, key=which),
                rx.el.button(
                    "Wrap",
                    type="button",
                    class_name="button is-small",
                    on_click=handler(expression(f"{wraps!s}.turn()", wraps)),
                    custom_attrs={"aria-pressed": is_wrapped},
                ),
                rx.cond(task.attempts().length() > 1, _attempt(log_of, attempt, current, choose)),
                Download.create(
                    icon("download", size=14),
                    " Download",
                    class_name="button is-small",
                    href=function("api.js", "address").call(path).to(str),
                ),
                class_name="controls",
            ),
            class_name="card-head",
        ),
        rx.cond(log.problem, rx.el.p(log.problem, class_name="hint", role="status")),
        rx.cond(is_empty, _nothing(log), _lines(log, is_wrapped, attempt, which)),
        rx.cond(is_empty, rx.fragment(), _foot(log)),
        rx.el.span(
            rx.cond(log.matches > 0, f"Match {log.at + 1} of {log.matches}", ""),
            class_name="sr",
            aria_live="polite",
        ),
        class_name="card log",
        aria_label="Log",
        custom_attrs={"ref": log.card},
    )


def _attempt(
    log_of: rx.Var[int], attempt: rx.Var[int], current: rx.Var[int], choose: rx.Var[Any]
) -> rx.Component:
    """Whoever chooses the current attempt goes along with the next one, too."""
    wanted = f"(Number(wanted) === {current!s} ? null : {{ id: {log_of!s}, attempt: Number(wanted) }})"
    options = rx.foreach(
        task.attempts().reverse(),
        lambda each: rx.el.option(
            "Attempt ", Attempt(each).attempt, value=Attempt(each).attempt.to(str), key=Attempt(each).attempt
        ),
    )
    return rx.el.label(
        rx.el.span("Attempt", class_name="sr"),
        rx.el.select(
            options,
            value=attempt.to(str),
            on_change=handler(expression(f"{choose!s}({wanted})", choose, current, log_of), "wanted"),
        ),
        class_name="select is-small",
    )


def _nothing(log: _Log) -> rx.Component:
    words = rx.cond(
        log.loaded, rx.cond(log.ended, "Nothing was printed.", "Nothing printed yet."), "Reading…"
    )
    return rx.el.p(words, class_name="log-empty hint")


def _lines(log: _Log, is_wrapped: rx.Var[bool], attempt: rx.Var[int], which: str) -> rx.Component:
    follow = function("log.js", "follow").call(rx.Var("true"))
    jump = rx.el.button(
        "Jump to the end",
        rx.cond(log.fresh > 0, f" · {counted(log.fresh)} new", ""),
        type="button",
        class_name="button is-small log-jump",
        on_click=handler(follow),
    )
    return rx.el.div(
        LogPane.create(
            held=expression(f"{log.held!s}.held", log.held),
            following=log.following,
            wraps=is_wrapped,
            wanted=log.text,
            chosen=log.match,
            goal=log.goal,
            reason=log.reason,
            label=f"Log of attempt {attempt}",
            key=f"{which} {log.numbering}",
        ),
        rx.cond(log.following, rx.fragment(), jump),
        class_name="log-box",
    )


def _foot(log: _Log) -> rx.Component:
    """How long it is, and by which rules numbers were read."""
    names = rx.Var.create(_PROGRAMS)
    read = expression(f"{log.rules!s}.map((rule) => {names!s}[rule] ?? rule).join(', ')", log.held).to(str)
    return rx.el.p(
        rx.el.span(counted(log.total), rx.cond(log.total == 1, " line", " lines"), class_name="num"),
        rx.cond(log.rules.length() > 0, rx.el.span("Read from what it prints: ", read)),
        class_name="log-foot caption",
    )
