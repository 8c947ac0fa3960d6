"""Tracked tasks: take in what their trackers say, and look at how they stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trainwatch.domain.attempt import attempt_after
from trainwatch.domain.repeat import scope_of_tracked
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.change import Change, Start
from trainwatch.domain.tracked.course import advance, overdue
from trainwatch.domain.tracked.progress import RECENT_EVENTS, TaskProgress
from trainwatch.domain.tracked.report import report_of
from trainwatch.domain.tracked.told import Standing
from trainwatch.errors import NotFoundError, TrainwatchError
from trainwatch.services.ingest import ingest
from trainwatch.services.views import View
from trainwatch.store.engine import Database
from trainwatch.store.receipts import Receipt
from trainwatch.store.tasks import find_task
from trainwatch.store.tracked import (
    EVERY,
    EventFilter,
    TrackedTask,
    find_tracked,
    find_tracked_named,
    list_active,
    list_execution_events,
    list_standings,
    list_standings_named,
)
from trainwatch.store.work import Work

_OVERDUE_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tracker is told: the task, how it stands with its last events, and whether it should stop."""

    task_id: int
    progress: TaskProgress
    stop: bool


Parsed = Change | TrainwatchError
"""A part of a batch: what it says, or why it cannot be understood."""

Outcome = Answer | TrainwatchError
"""What became of a part of a batch."""


def track(work: Work, change: Change) -> Answer:
    """Apply `change` once; a repeat of its event id within its task changes nothing and is answered all the same.

    Raises:
        NotFoundError: If nobody has started the task.
        ConflictError: If the task has ended, or is a job, which has a runner to tell of it.
        BadRequestError: If the task has no such criterion.
    """
    task = work.task_of_run(change.task_id)
    before = None if task is None else work.tracked(task.id)
    receipt = _receipt_of(work, change)
    if receipt is not None and (task is None or receipt.task_id == task.id):
        if task is None or before is None:
            raise NotFoundError(f"the task {change.task_id!r} was deleted", field="taskId")
        return _answer(task, before)
    change = _timed(change, before, work.now)
    advanced = advance(None if before is None else before.progress, change, work.now)
    attempt = None if before is None else before.attempt
    if isinstance(change, Start):
        attempt = None if task is None else attempt_after(task)
    asked_to_stop = task is not None and task.stop_requested_at is not None
    report = report_of(advanced.progress, change, attempt=attempt, asked_to_stop=asked_to_stop, now=work.now)
    task_id = ingest(work, report).task_id
    task = work.task(task_id) if task_id is not None else None
    assert task is not None, "a report that names a run is of a task"
    after = TrackedTask(task.id, task.attempt if attempt is None else attempt, advanced.progress)
    work.put_tracked(after, advanced.events)
    if change.event_id is not None:
        scope = scope_of_tracked(change.task_id)
        work.receipts.keep([Receipt(change.event_id, scope, task.id, None, None, work.now)])
    return _answer(task, after)


def track_all(work: Work, changes: Sequence[Parsed]) -> list[Outcome]:
    """Apply what could be parsed of a batch, in order; return for each part its answer or its refusal."""
    outcomes: list[Outcome] = []
    for change in changes:
        if isinstance(change, TrainwatchError):
            outcomes.append(change)
            continue
        try:
            outcomes.append(track(work, change))
        except TrainwatchError as error:
            outcomes.append(error)
    return outcomes


def note_overdue(work: Work) -> int:
    """Record up to 100 tasks whose time limit has passed; return how many."""
    noted = 0
    for task_id in work.overdue(limit=_OVERDUE_AT_ONCE):
        tracked = work.tracked(task_id)
        late = None if tracked is None else overdue(tracked.progress, work.now)
        if tracked is not None and late is not None:
            work.put_tracked(TrackedTask(task_id, tracked.attempt, late.progress), late.events)
            noted += 1
    return noted


def progress_of(
    database: Database, external_id: str, *, events: int | None = RECENT_EVENTS
) -> TaskProgress | None:
    """Return how a task stands, with its last `events` (None: all of them); None if nobody tracks it."""
    with database.reading() as connection:
        tracked = find_tracked_named(connection, external_id, events=events)
        return None if tracked is None else tracked.progress


def active(database: Database) -> list[TaskProgress]:
    """Return the tracked tasks that have not ended, the first one first, with their last events."""
    with database.reading() as connection:
        return [tracked.progress for tracked in list_active(connection)]


def standings(database: Database, external_ids: Collection[str] | None = None) -> list[Standing]:
    """Return how the tasks of these names stand, or else all that have not ended, as everybody is told of them."""
    with database.reading() as connection:
        if external_ids is None:
            return list_standings(connection)
        return list_standings_named(connection, external_ids)


def tracked_detail(database: Database, task_id: int) -> View:
    """Return all that is known of a tracked task but its older events.

    Raises:
        NotFoundError: If there is no such task, or nobody tracks it.
    """
    with database.reading() as connection:
        tracked = find_tracked(connection, task_id)
        task = None if tracked is None else find_task(connection, tracked.task_id)
    if tracked is None or task is None:
        raise NotFoundError(f"there is no tracked task {task_id}", field="id")
    return detail_view(task, tracked)


def named_detail(database: Database, external_id: str) -> View:
    """Return what `tracked_detail` does, of the task that its tracker knows by that name.

    Raises:
        NotFoundError: If nobody tracks such a task.
    """
    with database.reading() as connection:
        tracked = find_tracked_named(connection, external_id)
        task = None if tracked is None else find_task(connection, tracked.task_id)
    if tracked is None or task is None:
        raise _unknown(external_id)
    return detail_view(task, tracked)


def stop_view(database: Database, external_id: str) -> View:
    """Return whether a task is to end, and where it is; cheap enough for every turn of an agent's loop.

    Raises:
        NotFoundError: If nobody tracks such a task.
    """
    with database.reading() as connection:
        tracked = find_tracked_named(connection, external_id, events=0, all_files=False)
        task = None if tracked is None else find_task(connection, tracked.task_id)
    if tracked is None or task is None:
        raise _unknown(external_id)
    status, stop = tracked.progress.status, _is_to_stop(task, tracked)
    return {"taskId": external_id, "task": task.id, "status": status, "stop": stop}


def execution_events(
    database: Database, external_id: str, wanted: EventFilter = EVERY, *, limit: int
) -> list[View]:
    """Return events of a task's present attempt, in order: the first ones after one, else the last ones.

    Raises:
        NotFoundError: If nobody tracks such a task.
    """
    with database.reading() as connection:
        tracked = find_tracked_named(connection, external_id, events=0, all_files=False)
        if tracked is None:
            raise _unknown(external_id)
        found = list_execution_events(
            connection, tracked.task_id, tracked.attempt, wanted=wanted, limit=limit
        )
    return [{"id": number, **event.to_dict()} for number, event in found]


def detail_view(task: Task, tracked: TrackedTask) -> View:
    """Return a tracked task with its criteria, its limits and what is being done; `stop` says whether it is to end."""
    progress = tracked.progress
    return {
        **progress.to_dict(),
        "task": tracked.task_id,
        "attempt": tracked.attempt,
        "title": progress.title,
        "criteria": [{"text": each.text, "verifiedAt": each.verified_at} for each in progress.criteria],
        "maxCost": progress.max_cost,
        "maxSeconds": progress.max_seconds,
        "stopAtLimit": progress.stop_at_limit,
        "limitsReached": list(progress.limits_reached),
        "stopRequested": progress.stop_requested,
        "stop": _is_to_stop(task, tracked),
        "summary": progress.summary,
        "action": None if progress.action is None else progress.action.to_dict(),
    }


def _answer(task: Task, tracked: TrackedTask) -> Answer:
    return Answer(task.id, tracked.progress, _is_to_stop(task, tracked))


def _is_to_stop(task: Task, tracked: TrackedTask) -> bool:
    return tracked.progress.stop_requested or task.stop_requested_at is not None


def _receipt_of(work: Work, change: Change) -> Receipt | None:
    """Return the receipt of the change that this one may repeat: its event id counts within its task alone."""
    if change.event_id is None:
        return None
    scope = scope_of_tracked(change.task_id)
    return work.receipts.find(change.event_id, scope, scope).get(scope)


def _timed(change: Change, before: TrackedTask | None, now: datetime) -> Change:
    """Return `change` at its sender's own time, or now where that lies ahead or before the attempt's start."""
    if change.at is None:
        return change
    start = None if before is None or isinstance(change, Start) else before.progress.started_at
    is_early = start is not None and change.at < datetime.fromisoformat(start)
    return replace(change, at=now) if is_early or change.at > now else change


def _unknown(external_id: str) -> NotFoundError:
    return NotFoundError(f"there is no tracked task {external_id!r}", field="taskId")
