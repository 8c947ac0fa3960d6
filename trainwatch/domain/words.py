"""Words as senders write them: states, types, levels, yes and no."""

from trainwatch.domain.status import SYNONYMS, Status, TaskType, parse_status
from trainwatch.errors import InvalidReportError

_STARTS = frozenset({"start", "started"})
_TYPES = {kind.value: kind for kind in TaskType}
_BOOLEANS: dict[object, bool] = {
    **dict.fromkeys((True, "true", "yes", "on", "1"), True),  # True and 1 are one key
    **dict.fromkeys((False, "false", "no", "off", "0"), False),
}
_LEVELS = {
    **dict.fromkeys(("info", "information", "debug", "notice"), "info"),
    **dict.fromkeys(("success", "resolved", "ok", "complete", "completed", "finished", "done"), "success"),
    **dict.fromkeys(("warning", "warn"), "warning"),
    **dict.fromkeys(
        ("error", "failure", "failed", "critical", "fatal", "firing", "alerting", "crashed"), "error"
    ),
}


def parse_status_word(raw: object, field: str) -> tuple[Status, bool]:
    """Return the state that `raw` names, and whether it is a word that begins an attempt ("started").

    Raises:
        InvalidReportError: If no state has that name; the message lists the known words.
    """
    status = parse_status(raw) if isinstance(raw, str) else None
    if status is None or not isinstance(raw, str):
        raise InvalidReportError(f"{field} must be one of: {', '.join(SYNONYMS)}", field=field)
    return status, raw.strip().lower() in _STARTS


def parse_type(raw: object, field: str) -> TaskType:
    """Return the type of task that `raw` names.

    Raises:
        InvalidReportError: If no type has that name; the message lists the known words.
    """
    kind = _TYPES.get(raw.strip().lower()) if isinstance(raw, str) else None
    if kind is None:
        raise InvalidReportError(f"{field} must be one of: {', '.join(_TYPES)}", field=field)
    return kind


def parse_boolean(raw: object, field: str) -> bool:
    """Return `raw`, a boolean, 0, 1 or the usual words, as a boolean.

    Raises:
        InvalidReportError: If it is anything else.
    """
    key = raw.strip().lower() if isinstance(raw, str) else raw
    value = _BOOLEANS.get(key) if isinstance(key, str | int | float) else None
    if value is None:
        raise InvalidReportError(f"{field} must be true or false", field=field)
    return value


def level_of(*raws: object) -> str:
    """Return the level of a notification that the first understood of `raws` names, else "info"."""
    for raw in raws:
        level = _LEVELS.get(raw.strip().lower()) if isinstance(raw, str) else None
        if level is not None:
            return level
    return "info"
