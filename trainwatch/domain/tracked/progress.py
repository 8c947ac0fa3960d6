"""How a tracked task stands, and how programs and pictures of it want to be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PENDING, IN_PROGRESS, COMPLETE, FAILED = "pending", "in_progress", "complete", "failed"
"""The words for where a tracked task is; the last two are its end."""

EVENT_TYPES = ("start", "action", "progress", "error", "complete")

DEFAULT_MAX_ITERATIONS = 20
RECENT_EVENTS = 10
"""How many events go along with a progress wherever not all of them are asked for."""

_EVENTS_IN_GRAPH = 5
_MAX_COST_IN_GRAPH = 10.0


@dataclass(frozen=True, slots=True)
class ExecutionEvent:
    """Something worth a line in the log of a tracked task.

    `timestamp` is ISO 8601 with its offset from UTC; `event_type` is one of `EVENT_TYPES`.
    """

    timestamp: str
    event_type: str
    message: str
    details: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return it under camelCase names."""
        return {
            "timestamp": self.timestamp,
            "eventType": self.event_type,
            "message": self.message,
            "details": dict(self.details),
        }

    @property
    def log_line(self) -> dict[str, str]:
        """The message, and the time of day by the clock that its timestamp was written by."""
        return {"time": self.timestamp[11:19], "message": self.message}


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that has to be true in the end; `verified_at` is None until it was found to be."""

    text: str
    verified_at: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentAction:
    """What was begun last; `success` is None until it is known to be done."""

    action: str
    target: str
    started_at: str
    is_done: bool = False
    success: bool | None = None

    @property
    def text(self) -> str:
        """What is done, and to what."""
        return action_text(self.action, self.target)

    def to_dict(self) -> dict[str, Any]:
        """Return it under camelCase names."""
        return {
            "action": self.action,
            "target": self.target,
            "startedAt": self.started_at,
            "isDone": self.is_done,
            "success": self.success,
        }


@dataclass(slots=True)
class TaskProgress:
    """A tracked task in its present attempt; moments are ISO 8601, None means not yet or not said.

    `progress_percent` goes from 0 to 100, `cost_estimate` and `max_cost` are dollars. `limits_reached` names those of
    "iterations", "cost" and "seconds". `stop_requested` tells that one of them is to end the task.
    """

    task_id: str
    agent_id: str
    status: str = PENDING
    iteration: int = 0
    max_iterations: int = DEFAULT_MAX_ITERATIONS
    progress_percent: float = 0.0
    criteria_verified: int = 0
    criteria_total: int = 0
    files_created: list[str] = field(default_factory=list[str])
    files_modified: list[str] = field(default_factory=list[str])
    cost_estimate: float = 0.0
    events: list[ExecutionEvent] = field(default_factory=list[ExecutionEvent])
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    criteria: list[Criterion] = field(default_factory=list[Criterion])
    max_cost: float | None = None
    max_seconds: float | None = None
    stop_at_limit: bool = False
    limits_reached: list[str] = field(default_factory=list[str])
    action: CurrentAction | None = None
    summary: str | None = None
    stop_requested: bool = False

    @property
    def is_ended(self) -> bool:
        """Whether the attempt is over."""
        return self.status in (COMPLETE, FAILED)

    def to_dict(self) -> dict[str, Any]:
        """Return what everybody is told of each change; `logs` are the last ten events."""
        return {
            "taskId": self.task_id,
            "agentId": self.agent_id,
            "status": self.status,
            "iteration": self.iteration,
            "maxIterations": self.max_iterations,
            "progress": self.progress_percent,
            "criteriaVerified": self.criteria_verified,
            "criteriaTotal": self.criteria_total,
            "filesCreated": list(self.files_created),
            "filesModified": list(self.files_modified),
            "cost": self.cost_estimate,
            "logs": _log(self.events, RECENT_EVENTS),
            "startedAt": self.started_at,
            "completedAt": self.completed_at,
        }

    def to_graph_ui(self) -> dict[str, Any]:
        """Return what a picture of the task's session shows; `logs` are the last five events."""
        return {
            "sessionId": f"sess_{self.task_id}",
            "iteration": self.iteration,
            "maxIterations": self.max_iterations,
            "cost": self.cost_estimate,
            "maxCost": _MAX_COST_IN_GRAPH if self.max_cost is None else self.max_cost,
            "progress": self.progress_percent,
            "criteria": [
                {"text": each.text, "status": "pending" if each.verified_at is None else "pass"}
                for each in self._all_criteria()
            ],
            "logs": _log(self.events, _EVENTS_IN_GRAPH),
            "status": self.status,
        }

    def _all_criteria(self) -> Sequence[Criterion]:
        """Return the criteria; where only their number is known, the first ones count as those that are verified."""
        if self.criteria:
            return self.criteria
        return [
            Criterion(criterion_name(index), "" if index < self.criteria_verified else None)
            for index in range(self.criteria_total)
        ]


def criterion_name(index: int) -> str:
    """Return what a criterion is called that has no text of its own."""
    return f"Criterion {index + 1}"


def action_text(action: str, target: str) -> str:
    """Return an action in words."""
    return f"{action}: {target}" if target else action


def _log(events: Sequence[ExecutionEvent], count: int) -> list[dict[str, str]]:
    return [event.log_line for event in events[-count:]]
