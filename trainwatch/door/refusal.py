"""The one shape of every refusal, whoever refuses."""

from typing import Any

from trainwatch.errors import InvalidJobError, TrainwatchError


def error_body(error: TrainwatchError) -> dict[str, Any]:
    """Return what a caller is told of `error`, as JSON-ready values."""
    told: dict[str, Any] = {"code": error.code, "field": error.field, "message": error.message}
    if isinstance(error, InvalidJobError):
        told["problems"] = error.problems
    return {"ok": False, "error": told}
