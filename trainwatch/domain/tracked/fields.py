"""The table of everything a change may say: one row a field, for reading it and for describing it."""

from collections.abc import Mapping
from typing import cast

from trainwatch.domain.field import Field, Parser, Schema
from trainwatch.domain.moment import parse_moment
from trainwatch.domain.number import LARGEST_WHOLE, parse_number, parse_whole
from trainwatch.domain.text import (
    LONGEST_MESSAGE,
    LONGEST_NAME,
    clean_line,
    parse_id,
    parse_message,
    parse_name,
)
from trainwatch.domain.tracked.progress import DEFAULT_MAX_ITERATIONS
from trainwatch.domain.words import parse_boolean
from trainwatch.errors import InvalidReportError

MOST_CRITERIA = 1_000
LARGEST_AMOUNT = 1e12
LONGEST_TARGET = 2_000


def _whole(low: int, high: int) -> Parser:
    def parse(raw: object, field: str) -> int:
        number = parse_whole(raw, field)
        if not low <= number <= high:
            raise InvalidReportError(f"{field} must be a whole number from {low} to {high}", field=field)
        return number

    return parse


def _number(high: float, *, above_zero: bool = False) -> Parser:
    def parse(raw: object, field: str) -> float:
        number = parse_number(raw, field) + 0.0  # which makes 0.0 of -0.0
        if not 0 <= number <= high or (above_zero and number == 0):
            meant = f"above 0, up to {high:g}" if above_zero else f"from 0 to {high:g}"
            raise InvalidReportError(f"{field} must be {meant}", field=field)
        return number

    return parse


def _criteria(raw: object, field: str) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise InvalidReportError(f"{field} must be a list of texts", field=field)
    texts = [parse_name(each, field) for each in cast("list[object]", raw)]
    if len(texts) > MOST_CRITERIA or None in texts:
        raise InvalidReportError(
            f"{field} must be at most {MOST_CRITERIA} texts, none of them blank", field=field
        )
    return cast("tuple[str, ...]", tuple(texts))


def _error(raw: object, field: str) -> str | None:
    """Return what went wrong in a form that can be kept: an error must not get lost over its own looks."""
    if not isinstance(raw, str):
        raise InvalidReportError(f"{field} must be text", field=field)
    text = raw.strip().replace("\0", "\ufffd").encode(errors="replace").decode()
    return parse_message(text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…", field)


def _target(raw: object, field: str) -> str | None:
    text = parse_message(raw, field)
    text = None if text is None else clean_line(text)
    if text is not None and len(text) > LONGEST_TARGET:
        raise InvalidReportError(f"{field} may have at most {LONGEST_TARGET} characters", field=field)
    return text


def _counted(low: int, high: int) -> Schema:
    return {"type": ["integer", "string"], "minimum": low, "maximum": high}


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_TEXT: Schema = {"type": "string", "maxLength": LONGEST_MESSAGE}
_AMOUNT: Schema = {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": LARGEST_AMOUNT}
_BOOLEAN: Schema = {"type": "boolean"}

_EVERYWHERE = (
    Field(
        "at",
        parse_moment,
        {"type": ["string", "number"]},
        "When it was: ISO 8601, or seconds or milliseconds since 1970; when it came unless said.",
        ("timestamp",),
    ),
    Field(
        "eventId",
        parse_id,
        {"type": ["string", "integer"], "maxLength": LONGEST_NAME},
        "Makes repeats of the same change harmless; it counts within its task.",
    ),
)

_OWN: dict[str, tuple[Field, ...]] = {
    "start": (
        Field("agentId", parse_name, _NAME, "Which agent works on it."),
        Field(
            "criteriaTotal",
            _whole(0, MOST_CRITERIA),
            _counted(0, MOST_CRITERIA),
            "How many criteria there are; none unless said.",
        ),
        Field(
            "criteria",
            _criteria,
            {"type": "array", "items": _NAME, "maxItems": MOST_CRITERIA},
            "What each criterion says; instead of their number.",
        ),
        Field(
            "maxIterations",
            _whole(1, LARGEST_WHOLE),
            _counted(1, LARGEST_WHOLE),
            f"How many iterations it may take; {DEFAULT_MAX_ITERATIONS} unless said.",
        ),
        Field("maxCost", _number(LARGEST_AMOUNT, above_zero=True), _AMOUNT, "How many dollars it may cost."),
        Field(
            "maxSeconds", _number(LARGEST_AMOUNT, above_zero=True), _AMOUNT, "How many seconds it may take."
        ),
        Field(
            "stopAtLimit", parse_boolean, _BOOLEAN, "Whether `stop` turns true as soon as a limit is reached."
        ),
        Field("title", parse_name, _NAME, "What people read; the task id unless said."),
    ),
    "iteration": (
        Field(
            "iteration",
            _whole(0, LARGEST_WHOLE),
            _counted(0, LARGEST_WHOLE),
            "The iteration it is in; never falls.",
        ),
    ),
    "progress": (
        Field(
            "progress",
            _number(100),
            {"type": ["number", "string"], "minimum": 0, "maximum": 100},
            "How far it is, in percent; never falls.",
            ("percent",),
            key="percent",
        ),
    ),
    "criterion": (
        Field(
            "index",
            _whole(0, LARGEST_WHOLE),
            _counted(0, MOST_CRITERIA - 1),
            "Which criterion is true now, counted from 0.",
        ),
    ),
    "action": (
        Field("action", parse_name, _NAME, "What is done, such as `write`, `create` or `edit`."),
        Field("target", _target, {"type": "string", "maxLength": LONGEST_TARGET}, "To what, such as a file."),
        Field(
            "success", parse_boolean, _BOOLEAN, "How it ended; while it is not said, the action begins now."
        ),
    ),
    "error": (Field("error", _error, _TEXT, "What went wrong; what is too long is cut off."),),
    "cost": (
        Field(
            "cost",
            _number(LARGEST_AMOUNT),
            {"type": ["number", "string"], "minimum": 0, "maximum": LARGEST_AMOUNT},
            "What all of it has cost so far, in dollars.",
            ("costEstimate",),
            key="cost_estimate",
        ),
    ),
    "complete": (
        Field("success", parse_boolean, _BOOLEAN, "Whether the task was done."),
        Field("summary", parse_message, _TEXT, "What was done, or why it was not."),
    ),
}

FIELDS: Mapping[str, tuple[Field, ...]] = {kind: (*own, *_EVERYWHERE) for kind, own in _OWN.items()}
"""The fields of each kind of change."""

REQUIRED: Mapping[str, frozenset[str]] = {
    "start": frozenset({"agentId"}),
    "iteration": frozenset({"iteration"}),
    "progress": frozenset({"progress"}),
    "criterion": frozenset({"index"}),
    "action": frozenset({"action"}),
    "error": frozenset({"error"}),
    "cost": frozenset({"cost"}),
    "complete": frozenset({"success"}),
}
"""Those of them that must be there."""
