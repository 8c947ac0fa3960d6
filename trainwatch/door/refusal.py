"""The one shape of every refusal, whoever refuses."""

from typing import Any

import orjson

from trainwatch.errors import InvalidJobError, TrainwatchError, UnavailableError

RETRY_AFTER_S = 1
"""When to send again what could not be taken."""

_REASONS = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def error_body(error: TrainwatchError) -> dict[str, Any]:
    """Return what a caller is told of `error`, as JSON-ready values."""
    told: dict[str, Any] = {"code": error.code, "field": error.field, "message": error.message}
    if isinstance(error, InvalidJobError):
        told["problems"] = error.problems
    return {"ok": False, "error": told}


def whole_answer(status: int, error: TrainwatchError) -> bytes:
    """Return the answer, head and all, that a connection gives by itself before it closes."""
    body = orjson.dumps(error_body(error))
    again = f"retry-after: {RETRY_AFTER_S}\r\n" if isinstance(error, UnavailableError) else ""
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n{again}"
        f"content-length: {len(body)}\r\nconnection: close\r\nx-content-type-options: nosniff\r\n"
        "content-security-policy: default-src 'none'\r\n\r\n"
    )
    return head.encode() + body
