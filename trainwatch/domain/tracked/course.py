"""How a change alters a tracked task: the rules that server and tracker share."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from trainwatch.domain.tracked.change import (
    Act,
    Advance,
    Change,
    Complete,
    Err,
    Iterate,
    Spend,
    Start,
    Verify,
)
from trainwatch.domain.tracked.files import CREATED, MODIFIED, effect_of
from trainwatch.domain.tracked.limits import newly_reached
from trainwatch.domain.tracked.progress import (
    COMPLETE,
    FAILED,
    IN_PROGRESS,
    RECENT_EVENTS,
    Criterion,
    CurrentAction,
    ExecutionEvent,
    TaskProgress,
    action_text,
    criterion_name,
)
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class Advanced:
    """A task after a change, and the events that this made; its own `events` are the newest ones only."""

    progress: TaskProgress
    events: tuple[ExecutionEvent, ...]


def advance(progress: TaskProgress | None, change: Change, now: datetime) -> Advanced:
    """Return the task after `change`, which came at `now`; `progress` None means that nobody has started it.

    What is given is not altered. What the change leaves alone is shared with the result, and of the events only the
    last `RECENT_EVENTS` go on in it, so that a change costs the same after a million others. A start begins anew
    whatever was before. Iteration and percent never fall. After the end only actions, errors and costs are taken.

    Raises:
        NotFoundError: If nobody has started the task.
        ConflictError: If the task has ended.
        BadRequestError: If there is no such criterion.
    """
    at = change.at or now
    if isinstance(change, Start):
        return _told(_started(change, at), [_start_event(change, at)])
    if progress is None:
        raise NotFoundError(
            f"nobody has started the task {change.task_id!r} to be tracked; start it first", field="taskId"
        )
    if progress.is_ended and isinstance(change, Iterate | Advance | Verify | Complete):
        raise ConflictError(f"the task {change.task_id!r} has ended; start it again to go on", field="taskId")
    after, events = _changed(progress, change, at)
    return _limited(after, events, at)


def overdue(progress: TaskProgress, now: datetime) -> Advanced | None:
    """Return the task once its time is up, though nobody says a word; None if there is nothing to tell."""
    if progress.is_ended:
        return None
    advanced = _limited(progress, [], now)
    return advanced if advanced.events else None


def moment_text(at: datetime) -> str:
    """Return a moment as events and progress have it: ISO 8601 with milliseconds, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _started(change: Start, at: datetime) -> TaskProgress:
    texts = change.criteria or tuple(criterion_name(index) for index in range(change.criteria_total))
    return TaskProgress(
        change.task_id,
        change.agent_id,
        status=IN_PROGRESS,
        max_iterations=change.max_iterations,
        criteria_total=len(texts),
        started_at=moment_text(at),
        title=change.title,
        criteria=[Criterion(text) for text in texts],
        max_cost=change.max_cost,
        max_seconds=change.max_seconds,
        stop_at_limit=change.stop_at_limit,
    )


def _start_event(change: Start, at: datetime) -> ExecutionEvent:
    details = {"agentId": change.agent_id, "maxIterations": change.max_iterations}
    return ExecutionEvent(moment_text(at), "start", "Task execution started", details)


def _changed(
    progress: TaskProgress, change: Change, at: datetime
) -> tuple[TaskProgress, list[ExecutionEvent]]:
    match change:
        case Iterate(iteration=iteration):
            return replace(progress, iteration=max(progress.iteration, iteration)), []
        case Advance(percent=percent):
            return replace(progress, progress_percent=max(progress.progress_percent, percent)), []
        case Spend(cost_estimate=cost):
            return replace(progress, cost_estimate=cost), []
        case Err(error=error):
            return progress, [ExecutionEvent(moment_text(at), "error", f"ERROR: {error}", {"error": error})]
        case Verify():
            return _verified(progress, change, at)
        case Act():
            return _acted(progress, change, at)
        case Complete():
            return _completed(progress, change, at)
        case _:
            raise AssertionError(change)


def _verified(
    progress: TaskProgress, change: Verify, at: datetime
) -> tuple[TaskProgress, list[ExecutionEvent]]:
    index, total = change.index, len(progress.criteria)
    if not 0 <= index < total:
        there_are = f"there are {total}, counted from 0" if total else "the task has none"
        raise BadRequestError(f"there is no criterion {index}: {there_are}", field="index")
    if progress.criteria[index].verified_at is not None:
        return progress, []
    criteria = list(progress.criteria)
    criteria[index] = Criterion(criteria[index].text, moment_text(at))
    verified = progress.criteria_verified + 1
    details = {"index": index, "text": criteria[index].text, "verified": verified, "total": total}
    after = replace(
        progress,
        criteria=criteria,
        criteria_verified=verified,
        progress_percent=max(progress.progress_percent, 100 * verified / total),
    )
    return after, [ExecutionEvent(moment_text(at), "progress", f"Criterion {index + 1} verified", details)]


def _acted(progress: TaskProgress, change: Act, at: datetime) -> tuple[TaskProgress, list[ExecutionEvent]]:
    name, target, success = change.action, change.target, change.success
    if success is None:
        return replace(progress, action=CurrentAction(name, target, moment_text(at))), []
    action = CurrentAction(name, target, _begun(progress.action, change, at), is_done=True, success=success)
    effect = effect_of(name, target, success=success)
    created, modified = progress.files_created, progress.files_modified
    created = _with(created, target) if effect == CREATED else created
    modified = _with(modified, target) if effect == MODIFIED else modified
    mark = "✓" if success else "✗"
    details = {"action": name, "target": target, "success": success}
    event = ExecutionEvent(moment_text(at), "action", f"{mark} {action_text(name, target)}", details)
    return replace(progress, action=action, files_created=created, files_modified=modified), [event]


def _begun(before: CurrentAction | None, change: Act, at: datetime) -> str:
    """Return when the action that is done now began, as far as anybody said."""
    is_it = before is not None and (before.action, before.target) == (change.action, change.target)
    return before.started_at if before is not None and is_it and not before.is_done else moment_text(at)


def _with(files: list[str], file: str) -> list[str]:
    return files if file in files else [*files, file]


def _completed(
    progress: TaskProgress, change: Complete, at: datetime
) -> tuple[TaskProgress, list[ExecutionEvent]]:
    details: dict[str, Any] = {"success": change.success}
    if change.summary is not None:
        details["summary"] = change.summary
    message = "Task completed successfully" if change.success else "Task failed"
    is_idle = progress.action is None or progress.action.is_done
    after = replace(
        progress,
        status=COMPLETE if change.success else FAILED,
        progress_percent=100.0 if change.success else progress.progress_percent,
        completed_at=moment_text(at),
        action=progress.action if is_idle else None,  # nobody will tell how it ended
        summary=change.summary,
    )
    return after, [ExecutionEvent(moment_text(at), "complete", message, details)]


def _limited(progress: TaskProgress, events: list[ExecutionEvent], at: datetime) -> Advanced:
    """Add the limits that are reached now to what has happened."""
    reached = newly_reached(progress, at)
    if not reached:
        return _told(progress, events)
    events += [
        ExecutionEvent(moment_text(at), "progress", f"Limit reached: {words}", {"limit": limit})
        for limit, words in reached.items()
    ]
    after = replace(
        progress,
        limits_reached=[*progress.limits_reached, *reached],
        stop_requested=progress.stop_requested or (progress.stop_at_limit and not progress.is_ended),
    )
    return _told(after, events)


def _told(progress: TaskProgress, events: list[ExecutionEvent]) -> Advanced:
    recent = [*progress.events[-RECENT_EVENTS:], *events][-RECENT_EVENTS:]
    return Advanced(replace(progress, events=recent), tuple(events))
