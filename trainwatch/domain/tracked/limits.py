"""What a tracked task may take: iterations, dollars, seconds."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from trainwatch.domain.duration import format_duration
from trainwatch.domain.tracked.progress import TaskProgress

ITERATIONS, COST, SECONDS = "iterations", "cost", "seconds"


def newly_reached(progress: TaskProgress, at: datetime) -> Mapping[str, str]:
    """Return the limits that the task has reached by `at` and that nobody was told of, each in words."""
    known, reached = progress.limits_reached, dict[str, str]()
    if progress.iteration >= progress.max_iterations and ITERATIONS not in known:
        reached[ITERATIONS] = f"{progress.iteration} of {progress.max_iterations} iterations"
    if progress.max_cost is not None and progress.cost_estimate >= progress.max_cost and COST not in known:
        reached[COST] = f"{_dollars(progress.cost_estimate)} of {_dollars(progress.max_cost)}"
    ends_at = time_limit_at(progress)
    if ends_at is not None and at >= ends_at and progress.max_seconds is not None:
        taken = progress.max_seconds + (at - ends_at).total_seconds()
        reached[SECONDS] = f"{format_duration(taken)} of {format_duration(progress.max_seconds)}"
    return reached


def time_limit_at(progress: TaskProgress) -> datetime | None:
    """Return when the time of the task will be up; None if it has no limit, has ended, or it is known to be up."""
    started_at, seconds = progress.started_at, progress.max_seconds
    if seconds is None or started_at is None or progress.is_ended or SECONDS in progress.limits_reached:
        return None
    try:
        return datetime.fromisoformat(started_at) + timedelta(seconds=seconds)
    except OverflowError:
        return None  # in some thousand years


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.2g}"
