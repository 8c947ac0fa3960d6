"""Templates to commands: how what a person chose is put into what the owner of a machine wrote.

A browser sends the name of a template and values for its parameters, never a command. A value becomes
a whole argument or a part of one; it is never split, never read again and never seen by a shell.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trainwatch.domain.template import GRACE_INTERRUPT_S, GRACE_TERMINATE_S, SHARED, Free, Template
from trainwatch.domain.template_parameter import Parameter, Value, written
from trainwatch.domain.template_text import filled, leader, leading_placeholder
from trainwatch.errors import ForbiddenError, InvalidJobError

_CAMEL = re.compile(r"_([a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is executed, without a shell; where `cwd` is None the runner chooses the folder.

    `env` comes on top of the environment that a runner gives to every job.
    """

    argv: tuple[str, ...]
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    grace_interrupt_s: float = GRACE_INTERRUPT_S
    grace_terminate_s: float = GRACE_TERMINATE_S


def fill(template: Template, values: Mapping[str, object], builtins: Mapping[str, Value]) -> Command:
    """Return the command of `template` with a person's `values` for its own parameters.

    `builtins` are the values of the placeholders in `MACHINE` and `JOB`. An argument or a variable with
    a placeholder that has no value (a parameter that is optional, a flag that is false) is left out.

    Raises:
        InvalidJobError: If values are missing, unknown, or not as the template wants them.
    """
    typed = {**check_shared(template, builtins), **check_values(template, values)}
    texts = _texts(builtins)
    for name, value in typed.items():
        texts[name] = template.parameters[name].argument_of(value)
    _check_dashes(template, texts)
    arguments = (filled(argument, texts) for argument in template.argv)
    variables = {name: filled(text, texts) for name, text in template.env.items()}
    return Command(
        argv=tuple(argument for argument in arguments if argument is not None),
        cwd=None if template.cwd is None else filled(template.cwd, texts),
        env={name: text for name, text in variables.items() if text is not None},
        grace_interrupt_s=template.grace_interrupt_s,
        grace_terminate_s=template.grace_terminate_s,
    )


def check_values(template: Template, values: Mapping[str, object]) -> dict[str, Value | None]:
    """Return the value of each parameter that is the template's own; None where none is needed.

    Raises:
        InvalidJobError: Naming each that is missing, unknown or wrong, as "parameters.<name>".
    """
    own = {name: each for name, each in template.parameters.items() if name not in SHARED}
    problems = {name: _unknown(name, own) for name in values if name not in own}
    typed: dict[str, Value | None] = {}
    for name, parameter in own.items():
        try:
            typed[name] = parameter.value_of(values.get(name))
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise InvalidJobError({f"parameters.{name}": problem for name, problem in problems.items()})
    return typed


def check_shared(template: Template, fields: Mapping[str, Value]) -> dict[str, Value]:
    """Return those of a job's `fields` that the template limits.

    Raises:
        InvalidJobError: Naming each field that is beyond its limits.
    """
    problems: dict[str, str] = {}
    typed: dict[str, Value] = {}
    for name in SHARED:
        if name not in template.parameters or name not in fields:
            continue
        try:
            typed[name] = template.parameters[name].parse(fields[name])
        except ValueError as error:
            problems[_field_of(name)] = str(error)
    if problems:
        raise InvalidJobError(problems)
    return typed


def free_command(free: Free, argv: Iterable[str], builtins: Mapping[str, Value]) -> Command:
    """Return `argv` as the command that it is; `builtins` are for the folder, which the owner named.

    Raises:
        ForbiddenError: If the owner of this machine has not switched free commands on.
    """
    if not free.enabled:
        raise ForbiddenError(
            "free commands are off here: [free] enabled = true in templates.toml allows them"
        )
    return Command(
        argv=tuple(argv),
        cwd=None if free.cwd is None else filled(free.cwd, _texts(builtins)),
        grace_interrupt_s=free.grace_interrupt_s,
        grace_terminate_s=free.grace_terminate_s,
    )


def _texts(builtins: Mapping[str, Value]) -> dict[str, str | None]:
    return {name: written(value) for name, value in builtins.items()}


def _check_dashes(template: Template, texts: Mapping[str, str | None]) -> None:
    """Refuse a value that would turn its argument into an option, as an empty one before a dash does too.

    Raises:
        InvalidJobError: If there is one.
    """
    problems: dict[str, str] = {}
    for argument in template.argv[1:]:
        begins_with = leading_placeholder(argument)
        if begins_with is None or argument.startswith("-"):
            continue
        if not (filled(argument, texts) or "").startswith("-"):
            continue
        name = leader(argument, texts)
        parameter = template.parameters.get(name or begins_with)
        if parameter is None or not (parameter.allow_dash or parameter.flag):
            wrong = 'must not begin with "-"' if name else "must not be empty"
            problems[_field_of(name or begins_with)] = f"{wrong} in this template"
    if problems:
        raise InvalidJobError(problems)


def _field_of(placeholder: str) -> str:
    """Return the name of the field that a person fills `placeholder` by."""
    if placeholder == "job_name":
        return "name"
    if placeholder in SHARED:
        return _CAMEL.sub(lambda match: match[1].upper(), placeholder)
    return f"parameters.{placeholder}"


def _unknown(name: str, own: Mapping[str, Parameter]) -> str:
    if name in SHARED:
        return "is a field of the job itself"
    return f"is none of this template's parameters: {', '.join(own) or 'it has none'}"
