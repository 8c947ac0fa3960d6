"""What is said on `/ws/progress`, in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs

import orjson

from trainwatch.domain.tracked.change import parse_task_id
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.domain.tracked.told import Standing, files_counted, told_of
from trainwatch.errors import BadRequestError, TooLargeError

MOST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """The tasks that somebody wants to hear of; None is every one of them."""

    tasks: frozenset[str] | None = None

    def covers(self, task_id: str) -> bool:
        """Whether that task is among them."""
        return self.tasks is None or task_id in self.tasks


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody came in which stream before."""

    stream: str
    after: int


def parse_query(query: bytes) -> tuple[Wish, Place | None]:
    """Return what `?task=…&stream=…&after=…` asks for.

    Raises:
        BadRequestError: If it makes no sense.
        TooLargeError: If it names too many tasks.
    """
    try:
        asked = parse_qs(
            query.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_NAMED + 9
        )
    except ValueError:
        raise BadRequestError("the query cannot be read, or names too many tasks", field="task") from None
    return _wish(asked.get("task")), _place(asked.get("stream", []), asked.get("after", []))


def parse_said(text: str) -> Wish:
    """Return what a client asks for in the middle of it.

    Raises:
        BadRequestError: If it asks for nothing that there is.
        TooLargeError: If it names too many tasks.
    """
    try:
        said: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequestError("this is not JSON", field="text") from None
    match said:
        case {"type": "subscribe", "tasks": None | list() as tasks}:  # pyright: ignore[reportUnknownVariableType]
            return _wish(cast("Sequence[object] | None", tasks))
        case _:
            raise BadRequestError('say {"type": "subscribe", "tasks": [...]}, or null for all', field="type")


def hello_text(stream: str, seq: int, *, resumed: bool) -> str:
    """Return the first text: what follows in this stream comes after `seq`."""
    return _text({"type": "hello", "stream": stream, "seq": seq, "resumed": resumed})


def ready_text(seq: int) -> str:
    """Return what tells that all that was wanted has been told as it was at `seq`."""
    return _text({"type": "ready", "seq": seq})


def snapshot_text(seq: int, standing: Standing) -> str:
    """Return how a task stood at `seq`."""
    return _text({"type": "progress", "seq": seq, "snapshot": True, **_view(standing)})


def change_text(seq: int, progress: TaskProgress) -> str:
    """Return how a task stands after the change of that number."""
    return _text({"type": "progress", "seq": seq, **_view(Standing(progress, files_counted(progress)))})


def deleted_text(seq: int, task_id: str) -> str:
    """Return what tells that the task of that id was deleted with the change of that number."""
    return _text({"type": "deleted", "seq": seq, "taskId": task_id})


def _view(standing: Standing) -> dict[str, Any]:
    return {"data": told_of(standing.progress), "files": standing.files}


def _text(content: dict[str, Any]) -> str:
    return orjson.dumps(content).decode()


def _wish(tasks: Sequence[object] | None) -> Wish:
    if tasks is None:
        return Wish()
    if len(tasks) > MOST_NAMED:
        raise TooLargeError(f"more than {MOST_NAMED} tasks; leave them out to hear of all", field="tasks")
    return Wish(frozenset(parse_task_id(each, "tasks") for each in tasks))


def _place(streams: list[str], afters: list[str]) -> Place | None:
    if not streams and not afters:
        return None
    match streams, afters:
        case [stream], [after] if after.isascii() and after.isdigit() and len(after) < 20:
            return Place(stream, int(after))
        case _:
            raise BadRequestError(
                "stream and after go together: the number that you heard last", field="after"
            )
