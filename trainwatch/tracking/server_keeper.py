"""A server that keeps changes: asked over the network, or through its socket file."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from trainwatch.domain.tracked.change import Change, payload_of
from trainwatch.domain.tracked.progress import (
    RECENT_EVENTS,
    Criterion,
    CurrentAction,
    ExecutionEvent,
    TaskProgress,
)
from trainwatch.errors import NotFoundError, TrainwatchError
from trainwatch.tracking.keeper import Kept, Outcome
from trainwatch.tracking.wire import Wire, error_from

_PATH = "/api/progress"
_MOST_BYTES = 1 << 19  # a body may have twice that, and one change alone is always shorter
_EVENTS_AT_ONCE = 1_000


class ServerKeeper:
    """Keeps changes by the batch operation of a server; their event ids let a batch come again.

    Questions have a wire of their own, so that they do not wait for changes that nobody answers.
    """

    is_shared = True

    def __init__(self, for_changes: Wire, for_questions: Wire) -> None:
        """Speak to a server on two wires, which are closed with this."""
        self._for_changes = for_changes
        self._for_questions = for_questions

    def check_caller(self) -> None:
        """Let any thread pass."""

    def keep(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send as many as fit into one body."""
        parts = _parts(changes)
        body = b'{"changes":[' + b",".join(parts) + b"]}"
        with _understanding():
            _, said = self._for_changes.ask("POST", _PATH, body)
            if "rejected" not in said:
                raise error_from(said["error"])
            stops = {task["taskId"]: task["stop"] for task in said["tasks"]}
            errors = {error["index"]: error_from(error) for error in said.get("errors", ())}
            return [
                errors.get(index) or Kept(stops[change.task_id])
                for index, change in enumerate(changes[: len(parts)])
            ]

    def find(self, task_id: str) -> TaskProgress | None:
        """Ask how the task stands, then for its events, a thousand at a time."""
        with _understanding():
            view = self._detail(task_id)
            return None if view is None else _progress(view, self._all_events(task_id))

    def active(self) -> list[TaskProgress]:
        """Ask which tasks there are, then for each of them."""
        with _understanding():
            tasks: list[dict[str, Any]] = self._ask(_PATH)["tasks"]
            found = (self._recent(task["taskId"]) for task in tasks)
            return [progress for progress in found if progress is not None]

    def wants_stop(self, task_id: str) -> bool:
        """Ask for that alone."""
        try:
            with _understanding():
                return self._ask(_address(task_id, show="stop"))["stop"] is True
        except NotFoundError:
            return False

    def close(self) -> None:
        """Let go of both wires."""
        self._for_changes.close()
        self._for_questions.close()

    def _recent(self, task_id: str) -> TaskProgress | None:
        """Return a task with its last events; None if it has gone meanwhile."""
        view = self._detail(task_id)
        if view is None:
            return None
        return _progress(view, self._events(task_id, limit=RECENT_EVENTS))

    def _all_events(self, task_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["id"] if events else 0
            found = self._events(task_id, after=after, limit=_EVENTS_AT_ONCE)
            events += found
            if len(found) < _EVENTS_AT_ONCE or found[-1]["id"] <= after:
                return events

    def _events(self, task_id: str, **which: int) -> list[dict[str, Any]]:
        return self._ask(_address(task_id, show="events", **which))["events"]

    def _detail(self, task_id: str) -> dict[str, Any] | None:
        try:
            return self._ask(_address(task_id))
        except NotFoundError:
            return None

    def _ask(self, path: str) -> dict[str, Any]:
        status, said = self._for_questions.ask("GET", path)
        if status >= 400:
            raise error_from(said["error"])
        return said


@contextmanager
def _understanding() -> Generator[None]:
    """Take an answer of another shape than ours for that of another kind of server."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise TrainwatchError("this is no TrainWatch server: its answer is not understood") from error


def _parts(changes: Sequence[Change]) -> list[bytes]:
    """Return the first changes as JSON, as many as fit into one body, one at least."""
    parts: list[bytes] = []
    room = _MOST_BYTES
    for change in changes:
        part = {"taskId": change.task_id, "type": change.kind, **payload_of(change)}
        encoded = json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()
        room -= len(encoded) + 1
        if room < 0 and parts:
            break
        parts.append(encoded)
    return parts


def _address(task_id: str, **query: object) -> str:
    """Return where to ask about a task: by a query, for in a path some names mean something else."""
    return f"{_PATH}?{urlencode({'task': task_id, **query})}"


def _progress(view: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> TaskProgress:
    action = view["action"]
    return TaskProgress(
        view["taskId"],
        view["agentId"],
        status=view["status"],
        iteration=view["iteration"],
        max_iterations=view["maxIterations"],
        progress_percent=view["progress"],
        criteria_verified=view["criteriaVerified"],
        criteria_total=view["criteriaTotal"],
        files_created=view["filesCreated"],
        files_modified=view["filesModified"],
        cost_estimate=view["cost"],
        events=[
            ExecutionEvent(event["timestamp"], event["eventType"], event["message"], event["details"])
            for event in events
        ],
        started_at=view["startedAt"],
        completed_at=view["completedAt"],
        title=view["title"],
        criteria=[Criterion(each["text"], each["verifiedAt"]) for each in view["criteria"]],
        max_cost=view["maxCost"],
        max_seconds=view["maxSeconds"],
        stop_at_limit=view["stopAtLimit"],
        limits_reached=view["limitsReached"],
        action=None
        if action is None
        else CurrentAction(
            action["action"], action["target"], action["startedAt"], action["isDone"], action["success"]
        ),
        summary=view["summary"],
        stop_requested=view["stopRequested"],
    )
