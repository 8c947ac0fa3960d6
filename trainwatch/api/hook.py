"""`/hook`: reports from any script. A bare ASGI application, because it is the way that must be fast."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trainwatch.api.body import Payloads, parse_body
from trainwatch.api.http import read_body, status_of
from trainwatch.api.operation import Operation
from trainwatch.domain.confined import confined
from trainwatch.domain.payload import json_schema, parse
from trainwatch.domain.report import Note, Report
from trainwatch.domain.status import Status
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import Identity
from trainwatch.door.refusal import error_body
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, InvalidReportError, NotFoundError, TrainwatchError
from trainwatch.services.ingest import Answer, Outcome, Parsed, ingest, ingest_all
from trainwatch.store.writer import Writer

PREFIX = "/hook"

LONG_BODY_BYTES = 1 << 15
"""A longer body is parsed on a thread of its own, for that takes milliseconds that others would wait."""

REPORTS_TOGETHER = 2_000
"""How many reports of a batch are written at once; between them it is the turn of others."""

_MAX_ERRORS_NAMED = 100

log = structlog.get_logger()


class Hook:
    """Answers `POST /hook` and `POST /hook/<task>/<start | fail | exit code>`."""

    def __init__(self, writer: Writer) -> None:
        """Take reports in through `writer`."""
        self._writer = writer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, after what it reports is durable."""
        try:
            status, content = await self._answer(scope, receive)
        except TrainwatchError as error:
            status, content = status_of(error), error_body(error)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("request_failed", path=ascii(scope["path"][:200]))
            error = TrainwatchError("this is a mistake of the server; its log says more")
            status, content = status_of(error), error_body(error)
        body = orjson.dumps(content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        if scope["method"] != "POST":
            return 405, error_body(BadRequestError("send reports with POST", field="method"))
        identity: Identity = scope[IDENTITY]
        own_task = identity.own_task
        body = await read_body(receive)
        path = scope["path"].removeprefix(PREFIX).strip("/")
        if path:
            return 200, _reply(await self._take(_allowed(parse_path(path, body), own_task)))
        if len(body) > LONG_BODY_BYTES:
            said = await asyncio.to_thread(_understand, body, scope["query_string"], own_task)
        else:
            said = _understand(body, scope["query_string"], own_task)
        if not isinstance(said, list):
            return 200, _reply(await self._take(said))
        outcomes: list[Outcome] = []
        for start in range(0, len(said), REPORTS_TOGETHER):
            part = said[start : start + REPORTS_TOGETHER]
            outcomes += await self._writer.submit(partial(ingest_all, reports=part))
        return _batch_reply(outcomes)

    async def _take(self, report: Report | Note) -> Answer:
        return await self._writer.submit(lambda work: ingest(work, report))


def hook_operations() -> list[Operation]:
    """Return the descriptions of the hook; `Hook` itself answers, without a router in between."""

    async def elsewhere(request: Request) -> Response:
        raise NotFoundError("the hook answers by itself")

    return [
        Operation(f"POST {PREFIX}", elsewhere, right=Right.INGEST, body=json_schema(),
                  summary="Report: one object, a list, lines of JSON or a form. Durable before the answer."),
        Operation(f"POST {PREFIX}/{{task:path}}/{{end}}", elsewhere, right=Right.INGEST,
                  summary="From a shell: end is `start`, `fail` or an exit code. The body is a message."),
    ]  # fmt: skip


def parse_path(path: str, body: bytes) -> Report:
    """Return the report of `<task>/<start | fail | exit code>`; the task's name may hold slashes.

    Raises:
        NotFoundError: If the path ends in neither of them.
        InvalidReportError: If the name is too long, or no text.
    """
    name, _, verb = path.rpartition("/")
    said = _words_of(verb)
    if not name or said is None:
        raise NotFoundError(
            "the paths are /hook/<task>/start, /hook/<task>/fail and /hook/<task>/<exit code>"
        )
    message = body[:2_000].decode(errors="replace").replace("\0", "").strip()
    if message:
        said = {**said, "message": message}
    return cast("Report", parse({"taskName": name, **said}))


def _words_of(verb: str) -> Mapping[str, object] | None:
    if verb == "start":
        return {"status": "started"}
    if verb == "fail":
        return {"status": Status.FAILED, "message": "reported as failed"}
    if not (verb.isascii() and verb.isdigit() and len(verb) <= 3):
        return None
    if int(verb) == 0:
        return {"status": Status.COMPLETE, "message": "exit code 0"}
    return {"status": Status.FAILED, "message": f"exit code {int(verb)}"}


def _allowed(said: Report | Note, own_task: int | None) -> Report | Note:
    """Return `said` as far as its sender may say it, who may report about every task or only about its own."""
    return said if own_task is None else confined(said, own_task)


def _parse_one(payload: object, own_task: int | None) -> Report | Note:
    if not isinstance(payload, dict):
        raise InvalidReportError(f"a report is a JSON object, not {_kind(payload)}", field="body")
    return _allowed(parse(cast("dict[str, object]", payload)), own_task)


def _kind(value: object) -> str:
    return "null" if value is None else f"a {type(value).__name__}"


def _understand(body: bytes, query: bytes, own_task: int | None) -> Report | Note | list[Parsed]:
    """Return what one body says: one report, or the parts of a batch."""
    payloads = parse_body(body, query)
    if payloads.is_batch:
        return _parse_all(payloads, own_task)
    return _parse_one(payloads.objects[0], own_task)


def _parse_all(payloads: Payloads, own_task: int | None) -> list[Parsed]:
    return [
        payloads.broken.get(index) or _parsed(payload, own_task)
        for index, payload in enumerate(payloads.objects)
    ]


def _parsed(payload: object, own_task: int | None) -> Parsed:
    try:
        return _parse_one(payload, own_task)
    except TrainwatchError as error:
        return error


def _reply(answer: Answer) -> dict[str, Any]:
    reply: dict[str, Any] = {"ok": True, "taskId": answer.task_id, "stop": answer.stop}
    if answer.notification_id is not None:
        reply["notificationId"] = answer.notification_id
    return reply


def _batch_reply(outcomes: list[Outcome]) -> tuple[int, dict[str, Any]]:
    """Return 200 if all were kept, 207 if some were, 422 if none was; each bad part is named."""
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    errors = [
        {"index": index, **error_body(outcome)["error"]}
        for index, outcome in enumerate(outcomes)
        if isinstance(outcome, TrainwatchError)
    ]
    reply: dict[str, Any] = {
        "ok": not errors,
        "accepted": len(answers),
        "rejected": len(errors),
        "taskIds": sorted({answer.task_id for answer in answers if answer.task_id is not None}),
        "stop": any(answer.stop for answer in answers),
    }
    if not errors:
        return 200, reply
    reply["errors"] = errors[:_MAX_ERRORS_NAMED]
    reply["error"] = errors[0]
    return (207 if answers else 422), reply
