"""The table of everything that may be said of a job: one row a field, for reading it and for describing it."""

import shlex
from collections.abc import Mapping
from typing import Any, cast

from trainwatch.domain.field import Field, Parser, Schema
from trainwatch.domain.job import (
    DEFAULT_BATCH_SIZE,
    DEFAULT_LEARNING_RATE,
    DEFAULT_SPEED,
    DEFAULT_STEPS_PER_EPOCH,
    FASTEST,
    MOST_BATCH_SIZE,
    MOST_EPOCHS,
    MOST_STEPS_PER_EPOCH,
    OFFERED,
    SLOWEST,
    Runner,
)
from trainwatch.domain.number import LARGEST_WHOLE, parse_number, parse_whole
from trainwatch.domain.template_parameter import LONGEST_VALUE
from trainwatch.domain.text import LONGEST_NAME, is_storable, parse_name
from trainwatch.errors import InvalidReportError

MOST_ARGUMENTS = 1_000
"""The most arguments of a free command."""

MOST_PARAMETERS_SENT = 100
"""The most parameters that may be sent; a template has fewer."""

_LARGEST_GPU = 2**31 - 1


def _whole(low: int, high: int) -> Parser:
    def parse(raw: object, field: str) -> int:
        try:
            number = parse_whole(raw, field)
        except InvalidReportError:
            number = low - 1
        if not low <= number <= high:
            raise InvalidReportError(f"{field} must be a whole number from {low} to {high}", field=field)
        return number

    return parse


def _rate(raw: object, field: str) -> float:
    number = parse_number(raw, field)
    if number <= 0:
        raise InvalidReportError(f"{field} must be above 0", field=field)
    return number


def _speed(raw: object, field: str) -> float:
    number = parse_number(raw, field)
    if not SLOWEST <= number <= FASTEST:
        raise InvalidReportError(
            f"{field} must be from {SLOWEST:g} to {FASTEST:g} points a second", field=field
        )
    return number


def _runner(raw: object, field: str) -> Runner:
    word = raw.strip().lower() if isinstance(raw, str) else raw
    if word not in OFFERED:
        none_yet = "; there are no training agents yet" if word == Runner.AGENT else ""
        raise InvalidReportError(f"{field} must be one of: {', '.join(OFFERED)}{none_yet}", field=field)
    return Runner(word)


def _object(raw: object, field: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidReportError(f"{field} must be an object", field=field)
    return dict(cast("Mapping[str, Any]", raw))


def _parameters(raw: object, field: str) -> dict[str, Any]:
    """Return values by name, as they were sent; nothing is sent for null."""
    values = _object(raw, field)
    if len(values) > MOST_PARAMETERS_SENT:
        raise InvalidReportError(f"{field} must be at most {MOST_PARAMETERS_SENT}", field=field)
    return {name: value for name, value in values.items() if value is not None}


def _command(raw: object, field: str) -> tuple[str, ...]:
    """Return the arguments that `raw` is: a list, or a line as one types it, which no shell sees."""
    try:
        words = shlex.split(raw) if isinstance(raw, str) else raw
    except ValueError as error:
        raise InvalidReportError(f"{field} must be a command: {str(error).lower()}", field=field) from None
    if not isinstance(words, list | tuple):
        raise InvalidReportError(f"{field} must be a list of texts, or a line", field=field)
    argv = tuple(cast("list[object]", words))
    if not 1 <= len(argv) <= MOST_ARGUMENTS or not argv[0]:
        raise InvalidReportError(
            f"{field} must be a program and at most {MOST_ARGUMENTS} arguments", field=field
        )
    for argument in argv:
        if not isinstance(argument, str) or not is_storable(argument) or len(argument) > LONGEST_VALUE:
            raise InvalidReportError(
                f"{field} must be texts of at most {LONGEST_VALUE} characters, without NUL", field=field
            )
    return cast("tuple[str, ...]", argv)


def _gpu(raw: object, field: str) -> int | str | None:
    word = raw.strip().lower() if isinstance(raw, str) else raw
    if word in ("none", "any"):
        return None if word == "none" else "any"
    try:
        number = parse_whole(word, field)
    except InvalidReportError:
        number = -1
    if not 0 <= number <= _LARGEST_GPU:
        raise InvalidReportError(f"{field} must be none, any or the number of a GPU, from 0", field=field)
    return number


def _counted(low: int, high: int) -> Schema:
    return {"type": ["integer", "string"], "minimum": low, "maximum": high}


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}

FIELDS: tuple[Field, ...] = (
    Field("name", parse_name, _NAME, "What the job is called; the title of its task."),
    Field("modelName", parse_name, _NAME, "The model that is trained, for people to read.", ("model",)),
    Field("epochs", _whole(1, MOST_EPOCHS), _counted(1, MOST_EPOCHS), "How many epochs."),
    Field(
        "stepsPerEpoch",
        _whole(1, MOST_STEPS_PER_EPOCH),
        _counted(1, MOST_STEPS_PER_EPOCH),
        f"How many steps an epoch has; {DEFAULT_STEPS_PER_EPOCH} unless said.",
    ),
    Field(
        "learningRate",
        _rate,
        {"type": ["number", "string"], "exclusiveMinimum": 0},
        f"The learning rate; {DEFAULT_LEARNING_RATE:g} unless said.",
        ("lr",),
    ),
    Field(
        "batchSize",
        _whole(1, MOST_BATCH_SIZE),
        _counted(1, MOST_BATCH_SIZE),
        f"How many examples a step has; {DEFAULT_BATCH_SIZE} unless said.",
    ),
    Field("runner", _runner, {"enum": list(OFFERED)}, "What executes it; simulated unless said."),
    Field(
        "options",
        _object,
        {"type": "object"},
        "The options of the runner; they may also stand beside the other fields.",
    ),
)

_SIMULATED: tuple[Field, ...] = (
    Field(
        "speed",
        _speed,
        {"type": ["number", "string"], "minimum": SLOWEST, "maximum": FASTEST},
        f"Points a second, a step each; {DEFAULT_SPEED:g} unless said.",
    ),
    Field(
        "failAt",
        _whole(1, LARGEST_WHOLE),
        _counted(1, LARGEST_WHOLE),
        "The step at which to fail; nowhere unless said.",
    ),
    Field(
        "seed",
        _whole(0, LARGEST_WHOLE),
        _counted(0, LARGEST_WHOLE),
        "Makes the curve repeat; each attempt has its own unless said.",
    ),
)

_COMMAND: tuple[Field, ...] = (
    Field("template", parse_name, _NAME, "The template that names the command."),
    Field(
        "parameters",
        _parameters,
        {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
        "Values for the template's own parameters.",
    ),
    Field(
        "command",
        _command,
        {"type": ["array", "string"], "items": {"type": "string"}},
        "A command instead of a template, where the owner of the machine allows free ones. No shell reads it.",
    ),
    Field(
        "gpu",
        _gpu,
        {"type": ["string", "integer"], "minimum": 0, "maximum": _LARGEST_GPU},
        "The GPU that it requires and has alone: none, any, or its number as nvidia-smi counts, from 0; none unless said.",
    ),
)

OPTIONS: Mapping[Runner, tuple[Field, ...]] = {
    Runner.SIMULATED: _SIMULATED,
    Runner.LOCAL: _COMMAND,
    Runner.AGENT: _COMMAND,
}
"""The options of each runner."""
