"""What stands in a path or behind its question mark, made strict."""

from collections.abc import Mapping

from starlette.requests import Request

from trainwatch.api.operation import query
from trainwatch.domain.status import parse_status
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.store.series import CurveQuery
from trainwatch.store.tasks import LISTED_STATES, LOST, SORTS, UNENDED, TaskFilter

LARGEST = 2**63 - 1
MOST_TASKS = 1_000
MOST_POINTS = 10_000
MOST_ATTEMPTS = 2**31 - 1

_TASKS_SHOWN = 100
_POINTS_SHOWN = 1_000
_LONGEST = 200
_FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}

LIST_PARAMETERS = (
    query("q", "string", "Words that title, reported name or tags must hold."),
    query(
        "status",
        "string",
        "States to show, separated by commas: `lost` for running tasks of which nothing has been heard for long, "
        "`running` for all others that run, `active` for all that have not ended.",
    ),
    query("archived", "boolean", "The archived tasks instead of all others.", default=False),
    query("sort", "string", "What comes first.", enum=list(SORTS)),
    query("limit", "integer", "Most tasks to return.", minimum=1, maximum=MOST_TASKS, default=_TASKS_SHOWN),
    query("offset", "integer", "Tasks to pass over.", minimum=0, default=0),
)
CURVE_PARAMETERS = (
    query("name", "string", "The series; without it {step, epoch, loss, accuracy} of each step is returned."),
    query("points", "integer", "Most points.", minimum=2, maximum=MOST_POINTS, default=_POINTS_SHOWN),
    query("from", "integer", "First step.", minimum=0),
    query("to", "integer", "Last step.", minimum=0),
    query("since", "integer", "Only steps after this one.", minimum=0),
    query("attempt", "integer", "Which attempt; the current one unless said.", minimum=1),
)


def parse_id(request: Request, kind: str = "task") -> int:
    """Return the id in the path, which is of a thing of that kind.

    Raises:
        NotFoundError: If it cannot be one.
    """
    text: str = request.path_params["id"]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST):
        raise NotFoundError(f"there is no {kind} {text[:40]}", field="id")
    return int(text)


def parse_list_query(params: Mapping[str, str]) -> tuple[TaskFilter, str, int, int]:
    """Return filter, sort, limit and offset.

    Raises:
        BadRequestError: If one of them makes no sense.
    """
    sort = params.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise BadRequestError(f"sort must be one of {', '.join(SORTS)}", field="sort")
    wanted = TaskFilter(
        text=short_text(params, "q"),
        states=_states(params.get("status", "")),
        archived=_flag(params, "archived"),
    )
    limit = whole_number(params, "limit", 1, MOST_TASKS)
    return wanted, sort, limit or _TASKS_SHOWN, whole_number(params, "offset", 0, LARGEST) or 0


def parse_curve_query(params: Mapping[str, str]) -> CurveQuery:
    """Return which curve is wanted.

    Raises:
        BadRequestError: If a parameter makes no sense.
    """
    return CurveQuery(
        name=short_text(params, "name"),
        points=whole_number(params, "points", 2, MOST_POINTS) or _POINTS_SHOWN,
        first=whole_number(params, "from", 0, LARGEST),
        last=whole_number(params, "to", 0, LARGEST),
        since=whole_number(params, "since", 0, LARGEST),
        attempt=whole_number(params, "attempt", 1, MOST_ATTEMPTS),
    )


def _states(words: str) -> tuple[str, ...] | None:
    if not words:
        return None
    states: list[str] = []
    for word in words.split(","):
        status = LOST if word == LOST else parse_status(word)
        if word == "active":
            states.extend(UNENDED)
        elif status is None:
            raise BadRequestError(f"status must be `active` or of {', '.join(LISTED_STATES)}", field="status")
        else:
            states.append(status)
    return tuple(states)


def short_text(params: Mapping[str, str], name: str) -> str:
    """Return a parameter's text; "" if it is not given.

    Raises:
        BadRequestError: If it is too long, or holds a NUL.
    """
    text = params.get(name, "")
    if len(text) > _LONGEST or "\0" in text:
        raise BadRequestError(f"{name} must be at most {_LONGEST} characters, none of them NUL", field=name)
    return text


def _flag(params: Mapping[str, str], name: str) -> bool:
    text = params.get(name, "")
    if text not in _FLAGS:
        raise BadRequestError(f"{name} must be true or false", field=name)
    return _FLAGS[text]


def whole_number(params: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """Return a parameter's whole number; None if it is not given.

    Raises:
        BadRequestError: If it is no number from `least` to `most`.
    """
    text = params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadRequestError(f"{name} must be a whole number from {least} to {most}", field=name)
    return int(text)
