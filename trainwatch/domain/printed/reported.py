"""What was heard of a job, as a report of its attempt."""

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from trainwatch.domain.printed.listener import Heard
from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import Status

T = TypeVar("T")


def report_of(attempt: int, heard: Sequence[Heard]) -> Report | None:
    """Return the newest word on each thing that was said, and all points; None if that is nothing."""
    recent = [each.observation for each in reversed(heard)]
    progress = _newest(each.progress for each in recent)
    report = Report(
        attempt=attempt,
        status=Status.RUNNING,  # only its end ends a job: a bar at 100 % does not
        points=tuple(
            _point(name, value, step, observation.epoch)
            for observation, step in heard
            for name, value in observation.metrics.items()
        ),
        progress=None if progress is None else Progress(progress, "fraction"),
        current_step=_newest(each.step for each in recent),
        total_steps=_newest(each.total_steps for each in recent),
        current_epoch=_newest(each.epoch for each in recent),
        total_epochs=_newest(each.total_epochs for each in recent),
        eta_seconds=_newest(each.eta_seconds for each in recent),
    )
    return report if report.has_training_fields else None


def _newest(said: Iterable[T | None]) -> T | None:
    return next((each for each in said if each is not None), None)


def _point(name: str, value: float, step: int | None, epoch: int | None) -> Point:
    if math.isfinite(value):
        return Point(name, value, step, epoch)
    flag = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return Point(name, None, step, epoch, flag)
