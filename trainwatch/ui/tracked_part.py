"""The part of a frame that tells of a tracked task: how it stands, of the same size however long its lists are."""

from collections.abc import Sequence

from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.services.views import View

TAIL = 10
"""How much of the end of each list goes along. Who is further behind fetches the whole."""


def tracked_part(progress: TaskProgress, *, happened: bool) -> View:
    """Return how a task stands; `happened` says that there are new events to be fetched."""
    return {
        "status": progress.status,
        "iteration": progress.iteration,
        "maxIterations": progress.max_iterations,
        "progress": progress.progress_percent,
        "criteriaVerified": progress.criteria_verified,
        "criteriaTotal": progress.criteria_total,
        "verified": _last_verified(progress),
        "filesCreated": _tail(progress.files_created),
        "filesModified": _tail(progress.files_modified),
        "cost": progress.cost_estimate,
        "limitsReached": list(progress.limits_reached),
        "stopRequested": progress.stop_requested,
        "startedAt": progress.started_at,
        "completedAt": progress.completed_at,
        "summary": progress.summary,
        "action": None if progress.action is None else progress.action.to_dict(),
        "happened": happened,
    }


def _tail(files: Sequence[str]) -> View:
    return {"total": len(files), "last": list(files[-TAIL:])}


def _last_verified(progress: TaskProgress) -> list[tuple[int, str]]:
    """Return the criteria that were verified last, by number, each with when that was."""
    verified = [
        (index, each.verified_at)
        for index, each in enumerate(progress.criteria)
        if each.verified_at is not None
    ]
    return sorted(verified, key=lambda each: each[1])[-TAIL:]
