"""The border: what anybody posts in, a strict `Report` or `Note` out."""

from collections.abc import Mapping
from typing import Any

from trainwatch.domain.fields import FIELDS, SPELLINGS
from trainwatch.domain.metrics import Value, check_count
from trainwatch.domain.progress import parse_progress
from trainwatch.domain.report import Note, Point, Report
from trainwatch.domain.text import first_line
from trainwatch.domain.words import level_of
from trainwatch.errors import BadRequestError, InvalidReportError

_SHORTHANDS = ("loss", "accuracy", "learning_rate")
_TRAINING = frozenset({
    "metrics", *_SHORTHANDS, "columns", "progress", "eta_seconds",
    "current_epoch", "total_epochs", "current_step", "step", "total_steps",
})  # fmt: skip
_TASK = frozenset({"name", "run_id", "task_id", "gpu", *_TRAINING})
_ADDRESSES = frozenset({"name", "title", "run_id", "task_id", "gpu_name"})


def parse(payload: Mapping[str, object]) -> Report | Note:
    """Return what `payload`, one JSON object or form, says.

    It is a report if it has a training field, a task name, a run id, a GPU reading or nothing but
    a GPU's name; with a title or a message and none of those it is a notification. Null is absent
    and unknown keys are ignored. Beside a title or a message so are a `type`, `status`, `host` or
    `timestamp` that make no sense here.

    Raises:
        InvalidReportError: If a field cannot be understood, or nothing says what this is about;
            `field` is as the sender spelt it.
        TooLargeError: If a text or a list is longer than the limit.
    """
    found, refused = _read(payload)
    if _TASK.isdisjoint(found):
        if "title" in found or "message" in found:
            return _note(found, payload)
        if "gpu_name" not in found:
            raise InvalidReportError(
                "nothing to keep: send at least a taskName, or a title or message for a notification",
                field="taskName",
            )
    if refused is not None and "title" not in found and "message" not in found:
        raise refused
    return _report(found)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of what `parse` takes, made from the same table."""
    return {
        "type": "object",
        "description": (
            "A report about a task, or a notification (a title or a message and no training field). "
            "Every field may be in camelCase or snake_case; null is absent; unknown fields are ignored."
        ),
        "properties": {
            each.name: {
                **each.schema,
                "description": f"{each.about} Also spelt {', '.join(each.spellings[1:])}."
                if each.spellings[1:]
                else each.about,
            }
            for each in FIELDS
        },
        "additionalProperties": True,
    }


def _read(payload: Mapping[str, object]) -> tuple[dict[str, Any], BadRequestError | None]:
    """Return the parsed fields by key, and the first refusal that only a report takes seriously."""
    found: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    refused: BadRequestError | None = None
    for name, raw in payload.items():
        spelling = SPELLINGS.get(name)
        if spelling is None or raw is None:
            continue
        key, read, forgiving, rank = spelling
        try:
            value = read(raw, name)
        except BadRequestError as error:
            if not forgiving:
                raise
            refused = refused or error
            continue
        if value is not None and (key not in found or rank < ranks.get(key, 0)):
            found[key] = value
            if rank:
                ranks[key] = rank
    if "progress" in found:
        found["progress"] = parse_progress(found["progress"], found.get("progress_unit"))
    return found, refused


def _report(found: dict[str, Any]) -> Report:
    if _ADDRESSES.isdisjoint(found):
        raise InvalidReportError(
            "nothing says which task this is about: send a taskName (or title, runId or gpuName)",
            field="taskName",
        )
    if "name" not in found and "title" in found and not _TRAINING.isdisjoint(found):
        found["name"] = found["title"]
    found.pop("progress_unit", None)
    step = found.pop("step", None)
    if step is not None:
        found.setdefault("current_step", step)
    else:
        step = found.get("current_step")
    metrics = _metrics(found)
    if metrics:
        epoch, at = found.get("current_epoch"), found.get("at")
        points = [Point(name, value, step, epoch, flag, at) for name, (value, flag) in metrics.items()]
        found["points"] = tuple(points)
    if "status" in found:
        found["status"], found["starts"] = found["status"]
    return Report(**found)


def _metrics(found: dict[str, Any]) -> dict[str, Value]:
    """Take every single value out of `found`; what `metrics` says goes before its shorthands."""
    metrics: dict[str, Value] = found.pop("metrics", {})
    for name in _SHORTHANDS:
        if name in found:
            metrics.setdefault(name, found.pop(name))
    check_count(len(metrics) + len(found.get("columns", ())), "metrics")
    return metrics


def _note(found: dict[str, Any], payload: Mapping[str, object]) -> Note:
    message: str | None = found.get("message")
    title: str = found["title"] if "title" in found else first_line(found["message"])
    return Note(
        title=title,
        message=None if message == title else message,
        level=level_of(payload.get("level"), payload.get("type"), payload.get("status")),
        host=found.get("host"),
        event_id=found.get("event_id"),
        at=found.get("at"),
    )
