"""What a report does to a task."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from trainwatch.domain.advance import advance, count, rested, seconds_left
from trainwatch.domain.attempt import Ended, Place, begin_next, place_of, revive
from trainwatch.domain.identity import first_title, identified
from trainwatch.domain.latest import latest_after
from trainwatch.domain.liveness import Rhythm
from trainwatch.domain.report import Report
from trainwatch.domain.retiming import retimed
from trainwatch.domain.standing import Standing, standing_after, turn
from trainwatch.domain.status import Status
from trainwatch.domain.task import Happening, Task

AHEAD = timedelta(minutes=5)
"""Clocks that differ by less than this may be those of two threads or machines; what lies further ahead is wrong."""


class Applied(NamedTuple):
    """A task after a report, what happened, and the attempt that the report's points belong to.

    `ended` holds the facts of the attempt before, if the report began a new one.
    """

    task: Task
    happenings: Sequence[Happening]
    points_attempt: int
    ended: Ended | None = None


def open_task(report: Report, *, id: int, gpu_id: int | None, now: datetime) -> tuple[Task, list[Happening]]:
    """Return the task that a first report makes, and what happened; its points are of its attempt."""
    task = Task(
        id=id,
        title=first_title(report),
        source=report.source,
        attempt=1 if report.attempt is None else report.attempt,
        training_status=Status.QUEUED,
        created_at=now,
        last_updated=now,
    )
    happenings = [Happening("created", "first report")]
    task = identified(task, report, gpu_id=gpu_id)
    return _go_on(task, _opening(report), happenings, now=now), happenings


def apply(task: Task, report: Report, *, now: datetime, gpu_id: int | None = None) -> Applied:
    """Return `task` after `report`, which came at `now` from the GPU `gpu_id` (None: not said).

    State moves forward only: progress and counts never go back within an attempt, and a state that
    may not follow the present one is ignored. A report that comes after the end changes no state, and
    one from an attempt before changes nothing at all, but their points are worth keeping. A title the
    user typed is never overwritten unless the report insists. Points change nothing here but `latest`. Times
    of the task that lie far in the future are now.
    """
    if task.last_updated - now > AHEAD:
        task = retimed(task, timedelta(), now)
    place = place_of(task, report, now=now)
    if place is Place.OLD:
        return Applied(task, (), task.attempt if report.attempt is None else report.attempt)
    happenings: list[Happening] = []
    ended = None
    task = identified(task, report, gpu_id=gpu_id)
    if place is Place.LATE:
        return Applied(_come_late(task, report, happenings, now=now), happenings, task.attempt)
    if place is Place.NEXT:
        task, ended = begin_next(task, report, happenings, now=now)
        report = _opening(report)
    elif place is Place.REVIVED:
        task = revive(task, happenings)
    task = _go_on(task, report, happenings, now=now)
    return Applied(task, happenings, task.attempt, ended)


def _opening(report: Report) -> Report:
    """Return `report` as the first of an attempt: whatever it says, by coming it says that something starts."""
    return report if report.starts or report.status else replace(report, starts=True)


def _go_on(task: Task, report: Report, happenings: list[Happening], *, now: datetime) -> Task:
    """Return `task`, whose attempt goes on, after `report`."""
    counts = count(task, report)
    reached = advance(task, report, counts)
    standing = standing_after(task, report, counts, reached, now=now)
    pace, eta = seconds_left(task, report, counts, reached.progress, now)
    if standing.status is not task.training_status:
        pace = rested(pace, now)
    status = standing.status
    _tell(task, report, standing, happenings)
    return task.replaced(
        progress=1.0 if status is Status.COMPLETE else reached.progress,
        progress_in_percent=reached.in_percent,
        current_epoch=counts.epoch,
        total_epochs=counts.total_epochs,
        current_step=counts.step,
        total_steps=counts.total_steps,
        eta_seconds=None if standing.finished_at else eta,
        training_status=status,
        status_reason=standing.reason,
        message=task.message if counts.is_behind else report.message or task.message,
        started_at=standing.started_at,
        finished_at=standing.finished_at,
        latest=latest_after(task.latest, report, happenings, is_behind=counts.is_behind),
        pace=pace,
        rhythm=_rhythm(task, now),
        last_updated=max(task.last_updated, now),
    )


def _come_late(task: Task, report: Report, happenings: list[Happening], *, now: datetime) -> Task:
    """Return `task`, which has ended, after `report`: only its newest values may be newer still."""
    is_behind = count(task, report).is_behind
    latest = latest_after(task.latest, report, happenings, is_behind=is_behind)
    return task.replaced(latest=latest, last_updated=max(task.last_updated, now))


def _tell(task: Task, report: Report, standing: Standing, happenings: list[Happening]) -> None:
    """Add to `happenings` the turn that `standing` is, and the message where it is news of its own."""
    happening = turn(task.training_status, standing)
    is_announced = bool(happenings) and happenings[-1].kind == "attempt"
    if happening is not None and not (is_announced and happening.kind == "started"):
        happenings.append(happening)
    is_remark = report.message is not None and not report.has_training_fields  # no log line a step
    if is_remark and report.message not in (task.message, standing.reason):
        happenings.append(Happening("message", report.message or ""))


def _rhythm(task: Task, now: datetime) -> Rhythm:
    """Return the rhythm with the interval until `now`, if the task ran in it."""
    if task.training_status is not Status.RUNNING:
        return task.rhythm
    return task.rhythm.heard((now - task.last_updated).total_seconds())
