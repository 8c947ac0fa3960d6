"""How tracked tasks stand, for programs that ask: each by an address of its own, or by its name in a query."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from trainwatch.api.http import Endpoint, json_response
from trainwatch.api.operation import Operation, Schema, query
from trainwatch.api.queries import LARGEST, whole_number
from trainwatch.domain.tracked.change import parse_task_id
from trainwatch.domain.tracked.progress import EVENT_TYPES
from trainwatch.domain.tracked.told import told_of
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.services.tracking import execution_events, named_detail, progress_of, standings, stop_view
from trainwatch.store.engine import Database
from trainwatch.store.tracked import EventFilter

_MOST_EVENTS = 1_000
_EVENTS_SHOWN = 100

_EVENT_PARAMETERS = (
    query("type", "string", "Only events of this type.", enum=list(EVENT_TYPES)),
    query("after", "integer", "The first events after the one with this id.", minimum=0),
    query("before", "integer", "The last events before the one with this id.", minimum=1),
    query("limit", "integer", "Most events.", minimum=1, maximum=_MOST_EVENTS, default=_EVENTS_SHOWN),
)

View = Callable[[str, QueryParams], Awaitable[Response]]
"""Answers what is asked of the task of that name."""


def asking_operations(database: Database) -> list[Operation]:
    """Return the operations that tell how tracked tasks stand."""

    async def show(task_id: str, params: QueryParams) -> Response:
        return json_response(await asyncio.to_thread(named_detail, database, task_id))

    async def show_graph(task_id: str, params: QueryParams) -> Response:
        progress = await asyncio.to_thread(progress_of, database, task_id)
        if progress is None:
            raise NotFoundError(f"there is no tracked task {task_id!r}", field="taskId")
        return json_response(progress.to_graph_ui())

    async def show_events(task_id: str, params: QueryParams) -> Response:
        wanted, limit = _parse_events_query(params)
        found = await asyncio.to_thread(execution_events, database, task_id, wanted, limit=limit)
        return json_response({"events": found})

    async def show_stop(task_id: str, params: QueryParams) -> Response:
        return json_response(await asyncio.to_thread(stop_view, database, task_id))

    views: dict[str, View] = {"task": show, "graph": show_graph, "events": show_events, "stop": show_stop}

    async def list_or_show(request: Request) -> Response:
        params = request.query_params
        if "task" in params:
            return await _chosen(views, params)(_parsed_id(params["task"]), params)
        found = await asyncio.to_thread(standings, database)
        return json_response({"tasks": [{**told_of(each.progress), "files": each.files} for each in found]})

    return [
        Operation(
            "GET /api/progress",
            list_or_show,
            right=Right.READ,
            summary="The tracked tasks that have not ended; or what `show` says of the one that is named.",
            parameters=(
                query("task", "string", "The id of a task, whatever characters it has."),
                query("show", "string", "What of that task.", enum=list(views), default="task"),
                *_EVENT_PARAMETERS,
            ),
        ),
        _by_path("/graph", show_graph, "A tracked task as a picture of its session shows it."),
        _by_path(
            "/events",
            show_events,
            "What happened in the present attempt of a tracked task, in order: the last events, or others.",
            _EVENT_PARAMETERS,
        ),
        _by_path("", show, "A tracked task with its criteria, its limits and its current action."),
    ]


def _by_path(ending: str, view: View, summary: str, parameters: tuple[Schema, ...] = ()) -> Operation:
    return Operation(
        f"GET /api/progress/{{task:path}}{ending}",
        _of_path(view),
        right=Right.READ,
        summary=summary,
        parameters=parameters,
    )


def _of_path(view: View) -> Endpoint:
    """Return what answers for the task in the path, whose id may hold slashes."""

    async def answer(request: Request) -> Response:
        return await view(_parsed_id(request.path_params["task"]), request.query_params)

    return answer


def _chosen(views: Mapping[str, View], params: QueryParams) -> View:
    view = views.get(params.get("show") or "task")
    if view is None:
        raise BadRequestError(f"show must be one of {', '.join(views)}", field="show")
    return view


def _parsed_id(task_id: str) -> str:
    """Return `task_id`.

    Raises:
        NotFoundError: If it cannot be one.
    """
    try:
        return parse_task_id(task_id)
    except BadRequestError as error:
        raise NotFoundError("there is no such tracked task", field="taskId") from error


def _parse_events_query(params: QueryParams) -> tuple[EventFilter, int]:
    kind = params.get("type") or None
    if kind is not None and kind not in EVENT_TYPES:
        raise BadRequestError(f"type must be one of {', '.join(EVENT_TYPES)}", field="type")
    wanted = EventFilter(
        type=kind,
        after=whole_number(params, "after", 0, LARGEST),
        before=whole_number(params, "before", 1, LARGEST),
    )
    return wanted, whole_number(params, "limit", 1, _MOST_EVENTS) or _EVENTS_SHOWN
