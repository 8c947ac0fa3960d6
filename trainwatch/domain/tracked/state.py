"""A tracked task as a text that can be kept: all of it but its events."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from trainwatch.domain.tracked.progress import Criterion, CurrentAction, ExecutionEvent, TaskProgress


def state_json(progress: TaskProgress) -> str:
    """Return `progress` as JSON; its events are kept elsewhere."""
    state: dict[str, Any] = {name: getattr(progress, name) for name in _PLAIN}
    state["criteria"] = [[each.text, each.verified_at] for each in progress.criteria]
    state["action"] = None if progress.action is None else asdict(progress.action)
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def progress_from(text: str, events: Iterable[ExecutionEvent] = ()) -> TaskProgress:
    """Return the progress that was kept as the JSON `text`, with these `events`."""
    state: dict[str, Any] = json.loads(text)
    state["criteria"] = [Criterion(*each) for each in state["criteria"]]
    action = state["action"]
    state["action"] = None if action is None else CurrentAction(**action)
    return TaskProgress(**state, events=list(events))


_PLAIN = tuple(
    name for name in TaskProgress.__dataclass_fields__ if name not in ("events", "criteria", "action")
)
