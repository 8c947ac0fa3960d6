"""A tracked task as JSON has it, to be kept: all of it but its events."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from trainwatch.domain.tracked.progress import Criterion, CurrentAction, ExecutionEvent, TaskProgress


def state_of(progress: TaskProgress) -> dict[str, Any]:
    """Return `progress` as plain values; its events are kept elsewhere."""
    state: dict[str, Any] = {name: getattr(progress, name) for name in _PLAIN}
    state["criteria"] = [[each.text, each.verified_at] for each in progress.criteria]
    state["action"] = None if progress.action is None else asdict(progress.action)
    return state


def progress_from(state: Mapping[str, Any], events: Iterable[ExecutionEvent] = ()) -> TaskProgress:
    """Return the progress that `state_of` gave, with these `events`."""
    action = state["action"]
    parts: dict[str, Any] = {
        "criteria": [Criterion(*each) for each in state["criteria"]],
        "action": None if action is None else CurrentAction(**action),
        "events": list(events),
    }
    return TaskProgress(**{**state, **parts})


_PLAIN = tuple(
    name for name in TaskProgress.__dataclass_fields__ if name not in ("events", "criteria", "action")
)
