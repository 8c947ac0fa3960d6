"""The one shape of every refusal, whoever refuses."""

from typing import Any

from trainwatch.errors import TrainwatchError


def error_body(error: TrainwatchError) -> dict[str, Any]:
    """Return what a caller is told of `error`, as JSON-ready values."""
    return {"ok": False, "error": {"code": error.code, "field": error.field, "message": error.message}}
