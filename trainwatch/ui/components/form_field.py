"""A field of the form of a new job, with what is wrong with it beside it."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar

from trainwatch.ui.browser.script import function
from trainwatch.ui.state.new_job import NewJob


def words_of(name: str | rx.Var[str], *, about: Any = "") -> rx.Component:
    """What is wrong with a field, else what it is about."""
    problem = _problem_of(name)
    wrong = rx.el.p(problem, class_name="field-problem", role="alert")
    return rx.cond(problem, wrong, rx.cond(about, rx.el.p(about, class_name="field-about")))


def _problem_of(name: str | rx.Var[str]) -> rx.Var[str]:
    return rx.Var.create(NewJob.problems).to(dict[str, str])[name]


def field(  # noqa: PLR0913 - what a field of a form has
    name: rx.Var[str],
    label: str | rx.Var[str],
    *,
    value: rx.Var[str],
    about: str | rx.Var[str],
    kind: rx.Var[str] | None = None,
    choices: ArrayVar[list[str]] | None = None,
    is_wide: rx.Var[bool] | bool = False,
) -> rx.Component:
    control = _text(name, value, kind)
    if kind is not None and choices is not None:
        control = rx.cond(
            kind == "choice",
            _select(name, value, choices),
            rx.cond(kind == "bool", _switch(name, value), control),
        )
    return rx.el.div(
        rx.el.label(label, html_for=name),
        control,
        rx.el.div(words_of(name, about=about), custom_attrs={"id": f"{name}-words"}),
        class_name=rx.cond(is_wide, "field is-wide", "field"),
    )


def _facts(name: rx.Var[str]) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "aria-invalid": rx.cond(_problem_of(name), "true", "false"),
        "aria-describedby": f"{name}-words",
    }


def _text(name: rx.Var[str], value: rx.Var[str], kind: rx.Var[str] | None) -> rx.Component:
    mode = "text" if kind is None else function("template_fields.js", "keysOf").call(kind)
    attributes = {"inputMode": mode, "autoCapitalize": "off", "autoComplete": "off"}
    return rx.el.input(default_value=value, spell_check=False, custom_attrs={**_facts(name), **attributes})


def _select(name: rx.Var[str], value: rx.Var[str], choices: ArrayVar[list[str]]) -> rx.Component:
    return rx.el.span(
        rx.el.select(
            rx.foreach(choices, lambda each: rx.el.option(rx.cond(each, each, "None"), value=each, key=each)),
            default_value=value,
            custom_attrs=_facts(name),
        ),
        class_name="select",
    )


def _switch(name: rx.Var[str], value: rx.Var[str]) -> rx.Component:
    """A box that is not ticked sends nothing, which would mean the default: so a hidden field says no."""
    return rx.el.span(
        rx.el.input(type="hidden", name=name, value="false"),
        rx.el.input(
            type="checkbox", value="true", default_checked=value == "true", custom_attrs=_facts(name)
        ),
        class_name="field-switch",
    )
