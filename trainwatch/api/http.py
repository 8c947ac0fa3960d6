"""Answers and errors as HTTP, decided once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from trainwatch.api.body import parse_json
from trainwatch.domain.audit import Actor
from trainwatch.domain.confined import refusal
from trainwatch.domain.text import is_storable
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import Identity
from trainwatch.door.refusal import RETRY_AFTER_S, error_body
from trainwatch.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidJobError,
    InvalidReportError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
    TrainwatchError,
    UnauthorizedError,
    UnavailableError,
)
from trainwatch.services.pending_writes import NOT_WRITTEN

MAX_BODY_BYTES = 1 << 20

_STATUS: dict[type[TrainwatchError], int] = {
    TooLargeError: 413,
    InvalidReportError: 422,
    InvalidJobError: 422,
    BadRequestError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    RateLimitedError: 429,
    UnavailableError: 503,
}

Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


def status_of(error: TrainwatchError) -> int:
    """Return the HTTP status of `error`."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def json_response(
    content: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `content` as JSON; a number that is not finite becomes null."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def not_written_response(content: Mapping[str, object]) -> Response:
    """Return the answer to what was done, though the database could not take it down yet."""
    return json_response({**content, "written": False, "message": NOT_WRITTEN}, status=202)


def error_response(
    error: TrainwatchError, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `error` with its status, unless another one says more."""
    if isinstance(error, UnavailableError):
        headers = {"Retry-After": str(RETRY_AFTER_S)}
    elif isinstance(error, RateLimitedError):
        headers = {"Retry-After": str(error.retry_after_s)}
    return json_response(error_body(error), status=status or status_of(error), headers=headers)


def answering(endpoint: Endpoint) -> Endpoint:
    """Return `endpoint` with the errors that it raises turned into answers."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TrainwatchError as error:
            return error_response(error)
        except ClientDisconnect:
            return Response(status_code=400)

    return answered


async def read_body(receive: Receive, *, limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of a request.

    Raises:
        TooLargeError: As soon as it is longer than `limit` bytes.
        ClientDisconnect: If the client leaves before its end.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"the body is longer than {limit} bytes; send it in parts")
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def identity_of(request: Request) -> Identity:
    """Return who asks, and what they may do."""
    identity: Identity = request.scope[IDENTITY]
    return identity


def require_any_task(request: Request) -> None:
    """Refuse the key of a job, which reports about its own task only, and not in this way.

    Raises:
        ForbiddenError: If the caller shows such a key.
    """
    own_task = identity_of(request).own_task
    if own_task is not None:
        raise refusal(own_task)


def actor_of(request: Request) -> Actor:
    """Return who asks, for the audit log."""
    return identity_of(request).actor


def caller_of(request: Request) -> tuple[str, int | None]:
    """Return whose request it is, to count what each caller takes; everybody on this machine is one."""
    actor = actor_of(request)
    return actor.kind, actor.id


async def read_object(request: Request) -> dict[str, object]:
    """Return the JSON object that is the body of a request; an empty body is an empty object.

    Raises:
        BadRequestError: If it is something else.
        TooLargeError: If it is too long.
    """
    return object_of(await read_body(request.receive))


def object_of(body: bytes) -> dict[str, object]:
    """Return the JSON object that `body` is; an empty one is an empty object.

    Raises:
        BadRequestError: If it is something else.
    """
    content: object = parse_json(body) if body.strip() else {}
    if not isinstance(content, dict):
        raise BadRequestError("the body must be a JSON object", field="body")
    return cast("dict[str, object]", content)


def text_of(body: Mapping[str, object], field: str) -> str:
    """Return a field of a body that must be text.

    Raises:
        BadRequestError: If it is missing, or no text that every database keeps.
    """
    value = body.get(field)
    if not isinstance(value, str) or not is_storable(value):
        raise BadRequestError(f"{field} must be text without NUL", field=field)
    return value
