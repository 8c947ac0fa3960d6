"""What somebody says of a tracked task: one frozen value each, and how it travels as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, cast

from trainwatch.domain.field import Field
from trainwatch.domain.text import LONGEST_NAME, is_line, is_storable
from trainwatch.domain.toml_table import unknown_key
from trainwatch.domain.tracked import fields
from trainwatch.domain.tracked.progress import DEFAULT_MAX_ITERATIONS
from trainwatch.errors import BadRequestError, InvalidReportError, TooLargeError

_ADDRESS = frozenset({"taskId", "task_id", "type"})
"""What may stand beside a change in a batch; whoever parses has read it."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Of which task; `at` is the sender's own time, and a change with a known `event_id` is a repeat."""

    kind: ClassVar[str]
    task_id: str
    at: datetime | None = field(default=None, kw_only=True)
    event_id: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Start(_Change):
    """An attempt begins. `criteria` are texts; without them there are `criteria_total` that have none."""

    kind = "start"
    agent_id: str
    criteria_total: int = 0
    criteria: tuple[str, ...] = ()
    max_iterations: int = DEFAULT_MAX_ITERATIONS
    max_cost: float | None = None
    max_seconds: float | None = None
    stop_at_limit: bool = False
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Iterate(_Change):
    """The iteration that the agent is in, counted from 1."""

    kind = "iteration"
    iteration: int


@dataclass(frozen=True, slots=True)
class Advance(_Change):
    """How far it is, in percent."""

    kind = "progress"
    percent: float


@dataclass(frozen=True, slots=True)
class Verify(_Change):
    """A criterion, counted from 0, was found to be true."""

    kind = "criterion"
    index: int


@dataclass(frozen=True, slots=True)
class Act(_Change):
    """An action that begins (`success` None) or is done."""

    kind = "action"
    action: str
    target: str = ""
    success: bool | None = None


@dataclass(frozen=True, slots=True)
class Err(_Change):
    """Something went wrong; the task goes on."""

    kind = "error"
    error: str


@dataclass(frozen=True, slots=True)
class Spend(_Change):
    """What the task has cost so far, in dollars."""

    kind = "cost"
    cost_estimate: float


@dataclass(frozen=True, slots=True)
class Complete(_Change):
    """The attempt is over; `summary` says what was done, or why not."""

    kind = "complete"
    success: bool
    summary: str | None = None


Change = Start | Iterate | Advance | Verify | Act | Err | Spend | Complete

_CLASSES: dict[str, type[Change]] = {
    each.kind: each for each in (Start, Iterate, Advance, Verify, Act, Err, Spend, Complete)
}
KINDS = tuple(_CLASSES)
"""The words for them, as addresses have them."""

_SPELLINGS = {
    kind: {name: each for each in table for name in each.spellings} for kind, table in fields.FIELDS.items()
}


def change_of(kind: object, task_id: object, payload: Mapping[str, object]) -> Change:
    """Return the change that `payload` is, its keys in camelCase or snake_case; null is absent.

    Raises:
        BadRequestError: If the kind is unknown, a key means nothing, or a value is missing or wrong; names the field.
    """
    if not isinstance(kind, str) or kind not in fields.FIELDS:
        raise InvalidReportError(f"type must be one of: {', '.join(KINDS)}", field="type")
    table, spellings = fields.FIELDS[kind], _SPELLINGS[kind]
    found: dict[str, Any] = {}
    for name, raw in payload.items():
        each = spellings.get(name)
        if each is None and name not in _ADDRESS:
            raise BadRequestError(f"{name} {unknown_key(name, [each.name for each in table])}", field=name)
        if each is not None and raw is not None and (value := each.parse(raw, name)) is not None:
            found.setdefault(each.stored_as, value)
    for each in table:
        if each.name in fields.REQUIRED[kind] and each.stored_as not in found:
            raise InvalidReportError(f"{each.name} is missing", field=each.name)
    if kind == Start.kind:
        _settle_criteria(found)
    return _CLASSES[kind](parse_task_id(task_id), **found)


def payload_of(change: Change) -> dict[str, Any]:
    """Return `change` as a payload from which `change_of` makes it again."""
    values = ((each, getattr(change, each.stored_as)) for each in fields.FIELDS[change.kind])
    return {each.name: _as_json(value) for each, value in values if value is not None and value != ()}


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON schema of what `change_of` takes, made from the same table."""
    table = fields.FIELDS[kind]
    return {
        "type": "object",
        "properties": {each.name: _described(each) for each in table},
        "required": [each.name for each in table if each.name in fields.REQUIRED[kind]],
    }


def parse_task_id(raw: object, field: str = "taskId") -> str:
    """Return `raw`, which names a tracked task, as it is.

    Raises:
        InvalidReportError: If it is no text, blank, not a clean line, or text that cannot be stored.
        TooLargeError: If it is longer than 200 characters.
    """
    if not isinstance(raw, str) or not raw.strip() or not is_storable(raw):
        raise InvalidReportError(f"{field} must be text that can be stored", field=field)
    if not is_line(raw):
        raise InvalidReportError(f"{field} must be one line, without control characters", field=field)
    if len(raw) > LONGEST_NAME:
        raise TooLargeError(f"{field} may have at most {LONGEST_NAME} characters", field=field)
    return raw


def _settle_criteria(found: dict[str, Any]) -> None:
    """Let the number of criteria be that of their texts, where there are any."""
    count = len(found.get("criteria", ()))
    if count and found.setdefault("criteria_total", count) != count:
        raise InvalidReportError(
            f"criteriaTotal must be {count}, as there are criteria", field="criteriaTotal"
        )


def _described(each: Field) -> dict[str, Any]:
    return {**each.schema, "description": each.about}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value
