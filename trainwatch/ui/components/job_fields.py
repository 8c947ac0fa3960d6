"""What executes a new job, with the fields that this needs."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar, BooleanVar, ObjectVar, StringVar

from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import expression, function, handler, hook
from trainwatch.ui.browser.shapes import Shape, is_known
from trainwatch.ui.components.form_field import field, words_of
from trainwatch.ui.components.sign_in_link import SignInLink
from trainwatch.ui.state.new_job import NewJob
from trainwatch.ui.state.visitor import Visitor

RUNNERS = {
    "simulated": ("Simulated", "Pretends: a curve without a process, to try things out."),
    "local": ("This machine", "A real process, from a template of this machine."),
}
LABELS = {
    "epochs": "Epochs",
    "stepsPerEpoch": "Steps an epoch",
    "learningRate": "Learning rate",
    "batchSize": "Batch size",
}
"""The fields that every job has and a template may fill in."""

_SCRIPT = "template_fields.js"


class _Form(Shape):
    runners: ArrayVar[list[str]]
    offer: ObjectVar[dict[str, Any]]
    values: ObjectVar[dict[str, str]]


class _Offer(Shape):
    templates: ArrayVar[list[dict[str, Any]]]
    free: BooleanVar


class _Template(Shape):
    name: StringVar[str]
    title: StringVar[str]
    help: StringVar[str]
    missing: ArrayVar[list[str]]
    own: ArrayVar[list[dict[str, Any]]]


class _Parameter(Shape):
    name: StringVar[str]
    type: StringVar[str]
    help: StringVar[str]
    optional: BooleanVar


@part
def runner_fields(children: rx.Var[rx.Component]) -> rx.Component:
    """The runners to choose from; the children are for a simulated job."""
    use = function(_SCRIPT, "useLastForm")
    form = _Form(
        hook(use.call(NewJob.runners, NewJob.offer, NewJob.values, NewJob.is_filled), dict[str, Any])
    )
    runner = Kept("runner", form.values["runner"], str)
    template = Kept("template", expression(f"({form.values['template']!s} ?? '')", form.held), str)
    offer = form.offer
    is_local = runner.value == "local"
    return rx.fragment(
        rx.el.fieldset(
            rx.el.legend("Runner"),
            rx.foreach(form.runners, lambda name: _runner(name, runner, template, offer)),
            class_name="choices",
        ),
        words_of("runner"),
        rx.cond(form.runners.contains("local"), rx.fragment(), _outside()),
        rx.cond(
            is_local,
            _template_fields(offer=offer, values=form.values, chosen=template.value, choose=template.setter),
        ),
        rx.el.div(children, hidden=runner.value != "simulated"),
    )


def _runner(name: rx.Var[str], runner: Kept, template: Kept, offer: rx.Var[Any]) -> rx.Component:
    titles = rx.Var.create({key: title for key, (title, _) in RUNNERS.items()})
    about = rx.Var.create({key: words for key, (_, words) in RUNNERS.items()})
    first = function(_SCRIPT, "firstTemplate").call(offer)
    taken = expression(f"({template.value!s} || {first!s})", template.value, first)
    suggestion = _suggest(offer, rx.Var('(chosen === "local" ? next : "")'))
    script = (
        f'((next) => {{ if (chosen === "local") {template.setter!s}(next); {suggestion!s}; }})({taken!s})'
    )
    return _choice(
        "runner",
        name,
        title=titles[name].to(str),
        about=about[name].to(str),
        checked=runner.value == name,
        on_change=[
            runner.becomes_chosen(),
            handler(expression(script, template.setter, suggestion, taken), "chosen", "event"),
        ],
    )


def _suggest(offer: rx.Var[Any], name: rx.Var[Any]) -> rx.Var[Any]:
    """Fill in what the template of that name has as defaults; part of a handler of a field, which has its `event`."""
    template = function(_SCRIPT, "pick").call(offer, name)
    return function(_SCRIPT, "suggest").call(rx.Var("event.target.form"), template)


def _choice(  # noqa: PLR0913 - what a radio button has
    group: str,
    value: str | rx.Var[str],
    *,
    title: rx.Var[str] | str,
    about: rx.Var[str] | str,
    checked: rx.Var[bool],
    on_change: Any,
    disabled: rx.Var[bool] | bool = False,
) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=group,
            value=value,
            checked=checked,
            on_change=on_change,
            disabled=disabled,
        ),
        rx.el.span(rx.el.strong(title), " ", rx.el.span(about)),
        key=value,
    )


def _outside() -> rx.Component:
    return rx.el.p(
        rx.cond(
            Visitor.signed_in,
            "Real processes on this machine are for those who may operate.",
            rx.fragment(SignInLink.create("Sign in"), " to run real processes on this machine."),
        ),
        class_name="field-about",
    )


@part
def _template_fields(
    offer: rx.Var[dict[str, Any]],
    values: rx.Var[dict[str, str]],
    chosen: rx.Var[str],
    choose: rx.Var[Any],
) -> rx.Component:
    """Which command a real job runs, its parameters, and its GPU."""
    offered, held = _Offer(offer), values.to(dict[str, str])
    template = _Template(function(_SCRIPT, "pick").call(offer, chosen).to(dict[str, Any]))
    is_there = is_known(template.held)
    begins_free = expression(f"Boolean({held['command']!s}) && {offered.free!s}", held, offered.held)
    is_free = Kept("isFree", begins_free, bool)
    take = handler(
        expression(
            f"{choose!s}(chosen), {_suggest(offer, rx.Var('chosen'))!s}",
            choose,
            _suggest(offer, rx.Var("chosen")),
        ),
        "chosen",
        "event",
    )
    takes = [is_free.becomes(rx.Var('(chosen === "")'), "chosen"), take]
    nothing = (offered.templates.length() == 0) & ~offered.free
    return rx.fragment(
        rx.el.fieldset(
            rx.el.legend("Template"),
            rx.foreach(
                offered.templates, lambda each: _template(_Template(each), chosen, is_free.value, takes)
            ),
            rx.cond(
                offered.free,
                _choice(
                    "template",
                    "",
                    title="A command",
                    about="Whatever you type.",
                    checked=is_free.value,
                    on_change=takes,
                ),
            ),
            rx.cond(
                nothing,
                rx.el.p("templates.toml in the data directory offers none.", class_name="field-about"),
            ),
            class_name="choices is-templates",
        ),
        rx.cond(
            is_there | is_free.value | (chosen == ""),
            rx.fragment(),
            rx.el.p("The template ", chosen, " is no longer there.", class_name="field-problem"),
        ),
        words_of("template"),
        _mistakes(offer),
        rx.cond(is_there, _limits(template)),
        rx.el.div(
            rx.cond(
                is_free.value,
                field(
                    rx.Var.create("command"),
                    "Command",
                    value=held["command"],
                    about="As in a terminal, but no shell reads it.",
                    is_wide=True,
                ),
            ),
            rx.foreach(
                template.own,
                lambda each: _parameter(
                    held=each,
                    chosen=chosen,
                    values=values,
                    key=f"{chosen} {_Parameter(each).name}",
                ),
            ),
            _gpu(value=expression(f"({held['gpu']!s} ?? 'none')", held)),
            class_name="job-fields",
        ),
    )


def _template(
    template: _Template, chosen: rx.Var[str], is_free: rx.Var[bool], takes: list[Any]
) -> rx.Component:
    lacks = template.missing.length() > 0
    return _choice(
        "template",
        template.name,
        title=template.title,
        about=rx.cond(lacks, f"Needs {template.missing.join(', ')}, which is not installed.", template.help),
        disabled=lacks,
        checked=~is_free & (chosen == template.name),
        on_change=takes,
    )


def _mistakes(offer: rx.Var[Any]) -> rx.Component:
    """For whoever can mend the file."""
    mistakes = function(_SCRIPT, "mistakesIn").call(offer).to(list[str])
    return rx.cond(
        mistakes.length() > 0,
        rx.el.ul(
            rx.foreach(mistakes, lambda each: rx.el.li(each, key=each)),
            class_name="template-mistakes",
            aria_label="What is wrong with templates.toml",
        ),
    )


def _limits(template: _Template) -> rx.Component:
    """What the template says of the fields that every job has."""
    labels = rx.Var.create({name: label.lower() for name, label in LABELS.items()})
    words = function(_SCRIPT, "limitsOf").call(template.held, labels).to(str)
    return rx.cond(words, rx.el.p("Here ", words, ".", class_name="field-about"))


@part
def _parameter(
    held: rx.Var[dict[str, Any]], chosen: rx.Var[str], values: rx.Var[dict[str, str]]
) -> rx.Component:
    parameter = _Parameter(held)
    value = function(_SCRIPT, "valueOf").call(held, chosen, values).to(str)
    about = function(_SCRIPT, "aboutParameter").call(held).to(str)
    return field(
        rx.Var.create(f"parameters.{parameter.name}"),
        function("format.js", "sentence").call(parameter.name).to(str),
        value=value,
        about=about,
        kind=parameter.type,
        choices=function(_SCRIPT, "choicesOf").call(held, value).to(list[str]),
        is_wide=(parameter.type == "path") | (parameter.type == "text"),
    )


@part
def _gpu(value: rx.Var[str]) -> rx.Component:
    """None, any one, or one by its number, which is asked for then."""
    is_word = (value == "none") | (value == "any")
    kind = Kept("kind", rx.cond(is_word, value, "number"), str)
    number = expression(f'(Number.isNaN(Number({value!s})) ? "" : {value!s})', value)
    return rx.fragment(
        rx.el.div(
            rx.el.label("GPU required", html_for="gpu-kind"),
            rx.el.span(
                rx.el.select(
                    rx.el.option("None", value="none"),
                    rx.el.option("Any one", value="any"),
                    rx.el.option("By its number", value="number"),
                    value=kind.value,
                    on_change=kind.becomes_chosen(),
                    custom_attrs={"id": "gpu-kind"},
                ),
                class_name="select",
            ),
            rx.el.div(rx.el.p("The job has it alone, and waits until it is free.", class_name="field-about")),
            class_name="field",
        ),
        rx.cond(
            kind.value == "number",
            field(
                rx.Var.create("gpu"),
                "Number of the GPU",
                value=number,
                about="As nvidia-smi counts, from 0.",
                kind=rx.Var.create("int"),
            ),
            rx.el.input(type="hidden", name="gpu", value=kind.value),
        ),
    )
