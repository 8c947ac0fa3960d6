"""`/api/progress`: tracked tasks, for programs in any language."""

import asyncio
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.hook import LONG_BODY_BYTES
from trainwatch.api.http import (
    Endpoint,
    json_response,
    object_of,
    read_body,
    read_object,
    require_any_task,
)
from trainwatch.api.operation import Operation
from trainwatch.api.progress_asking import asking_operations
from trainwatch.domain.tracked.change import KINDS, change_of, schema_of
from trainwatch.domain.tracked.told import files_counted, told_of
from trainwatch.door.refusal import error_body
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, TooLargeError, TrainwatchError
from trainwatch.services.tracking import Answer, Outcome, Parsed, track, track_all
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

MOST_CHANGES = 1_000

_SUMMARIES = {
    "start": "Begin to track a task; one that is there begins its next attempt.",
    "iteration": "The iteration that the agent is in.",
    "progress": "How far it is, in percent.",
    "criterion": "A criterion was found to be true.",
    "action": "An action begins, or is done.",
    "error": "Something went wrong; the task goes on.",
    "cost": "What it has cost so far.",
    "complete": "The task is over.",
}
_BATCH_SCHEMA = {
    "type": "object",
    "properties": {
        "changes": {
            "type": "array",
            "items": {"type": "object", "properties": {"type": {"enum": list(KINDS)}}},
            "maxItems": MOST_CHANGES,
            "description": "Each with its `taskId`, its `type`, and what one of that type says.",
        }
    },
}


def progress_operations(database: Database, writer: Writer) -> list[Operation]:
    """Return the operations on tracked tasks."""

    def telling(kind: str) -> Endpoint:
        async def tell(request: Request) -> Response:
            require_any_task(request)
            change = change_of(kind, request.path_params["task"], await read_object(request))
            answer = await writer.submit(lambda work: track(work, change))
            return json_response({"ok": True, **_answer_view(answer)})

        return tell

    async def tell_many(request: Request) -> Response:
        require_any_task(request)
        body = await read_body(request.receive)
        if len(body) > LONG_BODY_BYTES:
            changes = await asyncio.to_thread(_parse_all, body)
        else:
            changes = _parse_all(body)
        outcomes = await writer.submit(lambda work: track_all(work, changes))
        status, reply = _batch_reply(outcomes)
        return json_response(reply, status=status)

    return [
        *(
            Operation(
                f"POST /api/progress/{{task:path}}/{kind}",
                telling(kind),
                right=Right.INGEST,
                summary=_SUMMARIES[kind],
                body=schema_of(kind),
            )
            for kind in KINDS
        ),
        Operation(
            "POST /api/progress",
            tell_many,
            right=Right.INGEST,
            summary="Many changes at once, of any tasks, in order.",
            body=_BATCH_SCHEMA,
        ),
        *asking_operations(database),
    ]


def _parse_all(body: bytes) -> list[Parsed]:
    """Return the parts of a batch, each as what it says or as what is wrong with it.

    Raises:
        BadRequestError: If the body is no batch.
        TooLargeError: If it has too many parts.
    """
    parts = object_of(body).get("changes")
    if not isinstance(parts, list):
        raise BadRequestError("changes must be a list", field="changes")
    changes = cast("list[object]", parts)
    if len(changes) > MOST_CHANGES:
        raise TooLargeError(
            f"{len(changes)} changes in one body; send at most {MOST_CHANGES}", field="changes"
        )
    return [_parsed(part) for part in changes]


def _parsed(part: object) -> Parsed:
    if not isinstance(part, dict):
        return BadRequestError("a change is a JSON object", field="changes")
    said = cast("dict[str, object]", part)
    try:
        return change_of(said.get("type"), said.get("taskId", said.get("task_id")), said)
    except TrainwatchError as error:
        return error


def _answer_view(answer: Answer) -> dict[str, Any]:
    return {
        "taskId": answer.progress.task_id,
        "task": answer.task_id,
        "stop": answer.stop,
        "progress": told_of(answer.progress),
        "files": files_counted(answer.progress),
    }


def _batch_reply(outcomes: list[Outcome]) -> tuple[int, dict[str, Any]]:
    """Return 200 if all were kept, 207 if some were, 422 if none was; each bad part is named.

    Of each task there is the answer to the last of its changes.
    """
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    errors = [
        {"index": index, **error_body(outcome)["error"]}
        for index, outcome in enumerate(outcomes)
        if isinstance(outcome, TrainwatchError)
    ]
    last = {answer.task_id: answer for answer in answers}
    reply: dict[str, Any] = {
        "ok": not errors,
        "accepted": len(answers),
        "rejected": len(errors),
        "tasks": [_answer_view(answer) for answer in last.values()],
        "stop": any(answer.stop for answer in last.values()),
    }
    if not errors:
        return 200, reply
    reply["errors"] = errors
    reply["error"] = errors[0]
    return (207 if answers else 422), reply
