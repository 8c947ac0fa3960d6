"""The border for jobs: what anybody posts in, a strict `JobSpec` or what is wrong with each field out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from trainwatch.domain.field import Field, snake
from trainwatch.domain.job import (
    DEFAULT_STEPS_PER_EPOCH,
    CommandOptions,
    JobSpec,
    Runner,
    SimulatedOptions,
    placeholders_of,
)
from trainwatch.domain.job_fields import FIELDS, OPTIONS
from trainwatch.domain.number import LARGEST_WHOLE
from trainwatch.domain.template import SHARED, Template, Templates
from trainwatch.domain.template_command import check_shared, check_values, fill
from trainwatch.domain.template_parameter import LONGEST_VALUE, Value
from trainwatch.domain.toml_table import unknown_key
from trainwatch.errors import BadRequestError, InvalidJobError

Problems = dict[str, str]
Result = TypeVar("Result")

_REQUIRED = ("name", "modelName", "epochs")


def parse_job(payload: Mapping[str, object], templates: Templates | None = None) -> JobSpec:
    """Return the job that `payload`, one JSON object or form, describes.

    Names are in camelCase or snake_case; options may stand in `options` or beside the other fields. Null and
    blank text are absent, unknown fields are ignored, unknown options and parameters are not.

    With the `templates` of this machine a local job's template and parameters are checked too, and what the
    template says of `SHARED` fields is their default and their limit. Without, and for agents, that is
    left to whoever runs the job.

    Raises:
        InvalidJobError: With everything that is wrong, by field.
    """
    problems: Problems = {}
    found = _read(FIELDS, payload, problems)
    nested: Mapping[str, object] = found.pop("options", {})
    runner: Runner = found.setdefault("runner", Runner.SIMULATED)
    template = None
    if not problems.keys() & {"runner", "options"}:
        options = _options(runner, payload, nested, problems)
        found["options"] = options
        if isinstance(options, CommandOptions):
            template = _template(runner, options, templates, problems)
    if template is not None:
        _fit(template, found, problems)
    problems |= {
        name: "is missing" for name in _REQUIRED if snake(name) not in found and name not in problems
    }
    _check_failure(found, problems)
    if problems:
        raise InvalidJobError(problems)
    spec = JobSpec(**found)
    if template is not None:
        fill(
            template, spec.command.parameters, _on_any_machine(spec)
        )  # finds what only a whole command shows
    return spec


def payload_of(spec: JobSpec) -> dict[str, Any]:
    """Return `spec` as a payload in camelCase, from which `parse_job` makes it again."""
    options = asdict(spec.options)
    if isinstance(spec.options, CommandOptions):
        gpu = "none" if spec.options.gpu is None else spec.options.gpu
        options |= {"command": list(spec.options.command) or None, "gpu": gpu}
    return {
        **{each.name: getattr(spec, each.stored_as) for each in FIELDS},
        "runner": spec.runner.value,
        "options": {each.name: options[each.stored_as] for each in OPTIONS[spec.runner]},
    }


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of what `parse_job` takes, made from the same tables."""
    options = {each.name: each for fields in OPTIONS.values() for each in fields}
    properties = {each.name: _described(each) for each in FIELDS}
    properties["options"]["properties"] = {each.name: _described(each) for each in options.values()}
    return {
        "type": "object",
        "description": "A job. Every field may be in camelCase or snake_case; null is absent.",
        "properties": properties,
        "required": list(_REQUIRED),
    }


def _on_any_machine(spec: JobSpec) -> dict[str, Value]:
    return placeholders_of(spec, task_id=0, python="/", data_dir="/", trainwatch_examples="/")


def _described(each: Field) -> dict[str, Any]:
    return {**each.schema, "description": each.about}


def _read(fields: tuple[Field, ...], payload: Mapping[str, object], problems: Problems) -> dict[str, Any]:
    """Return the values of those `fields` that are there, by key; what cannot be understood is a problem."""
    found: dict[str, Any] = {}
    for each in fields:
        raw = next((payload[name] for name in each.spellings if not _is_absent(payload.get(name))), None)
        if raw is None:
            continue
        try:
            found[each.stored_as] = each.parse(raw, each.name)
        except BadRequestError as error:
            problems[each.name] = error.message.removeprefix(f"{each.name} ")
    return found


def _is_absent(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _options(
    runner: Runner, payload: Mapping[str, object], nested: Mapping[str, object], problems: Problems
) -> SimulatedOptions | CommandOptions:
    fields = OPTIONS[runner]
    spellings = {name: each.name for each in fields for name in each.spellings}
    for name in nested.keys() - spellings.keys():
        problems[name] = unknown_key(name, [each.name for each in fields])
    beside = {name: payload[name] for name in spellings if name in payload}
    found = _read(fields, {**beside, **nested}, problems)
    return SimulatedOptions(**found) if runner is Runner.SIMULATED else CommandOptions(**found)


def _template(
    runner: Runner, options: CommandOptions, templates: Templates | None, problems: Problems
) -> Template | None:
    """Return the template that the job names, if it is one of `templates`, which are those of this machine."""
    if options.command and options.template is not None:
        problems["command"] = "must not stand beside a template"
    elif not options.command and options.template is None and not problems.keys() & {"command", "template"}:
        problems["template"] = "is missing"
    if options.command and options.parameters:
        problems["parameters"] = "are for templates only"
    if templates is None or runner is not Runner.LOCAL:
        problems |= _loose(options)
        return None
    if options.command and not templates.free.enabled:
        problems["command"] = "must come from a template: free commands are off on this machine"
    if options.template is None:
        return None
    return _collected(lambda: templates.named(options.template or ""), problems)


def _fit(template: Template, found: dict[str, Any], problems: Problems) -> None:
    """Give the values that were found the types, limits and defaults of `template`."""
    for name in SHARED:
        parameter = template.parameters.get(name)
        if parameter is not None and parameter.default is not None:
            found.setdefault(name, parameter.default)
    _collected(lambda: check_shared(template, found), problems)
    options: CommandOptions = found["options"]
    typed = _collected(lambda: check_values(template, options.parameters), problems) or {}
    parameters = {name: value for name, value in typed.items() if value is not None}
    found["options"] = replace(options, parameters=parameters)


def _loose(options: CommandOptions) -> Problems:
    """Return what is wrong with parameters that somebody else will give their types."""
    return {
        f"parameters.{name}": f"must be text of at most {LONGEST_VALUE} characters, a number, true or false"
        for name, value in options.parameters.items()
        if not _is_scalar(value)
    }


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and value.isprintable()
    return (
        isinstance(value, int | float) and -LARGEST_WHOLE <= value <= LARGEST_WHOLE and math.isfinite(value)
    )


def _check_failure(found: dict[str, Any], problems: Problems) -> None:
    options = found.get("options")
    if not isinstance(options, SimulatedOptions) or options.fail_at is None or "epochs" not in found:
        return
    total = found["epochs"] * found.get("steps_per_epoch", DEFAULT_STEPS_PER_EPOCH)
    if options.fail_at > total:
        problems["failAt"] = f"must be a step, of which there are {total}"


def _collected(check: Callable[[], Result], problems: Problems) -> Result | None:
    """Return what `check` does; None if it finds something wrong, which is added to `problems`."""
    try:
        return check()
    except InvalidJobError as error:
        problems |= error.problems
        return None
