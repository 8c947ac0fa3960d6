"""A long batch as few reports: neighbours that only move one task on say together what they say one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from trainwatch.domain.report import Point, Report

T = TypeVar("T")


def joined(reports: Iterable[T]) -> Iterator[tuple[T | Report, int]]:
    """Yield reports that do what `reports` do when applied at one instant, each with how many it stands for.

    What is no report, or more than a step forward (a state, a message, a first step, a value that is
    not finite …), stays by itself.
    """
    run: list[Report] = []
    for report in reports:
        if isinstance(report, Report) and _only_moves_on(report):
            if run and not _goes_on(run[-1], report):
                yield _as_one(run), len(run)
                run = []
            run.append(report)
            continue
        if run:
            yield _as_one(run), len(run)
            run = []
        yield report, 1
    if run:
        yield _as_one(run), len(run)


def _only_moves_on(report: Report) -> bool:
    """Whether `report` can neither begin, end nor change anything but how far the task is."""
    return (
        report.status is None
        and report.message is None
        and report.title in (None, report.name)
        and report.attempt is None
        and report.event_id is None
        and report.eta_seconds is None
        and report.gpu is None
        and report.type is None
        and not report.columns
        and not report.overwrite_title
        and (report.current_step is None or report.current_step > 1)
        and (report.current_epoch is None or report.current_epoch > 1)
        and (report.progress is None or (report.progress.unit != "unclear" and report.progress.value < 1))
        and all(point.flag is None for point in report.points)
    )


def _goes_on(before: Report, report: Report) -> bool:
    """Whether `report` is about the same task as the one before it, and no step behind."""
    return (
        before.name == report.name
        and before.gpu_name == report.gpu_name
        and before.run_id == report.run_id
        and before.task_id == report.task_id
        and before.host == report.host
        and before.total_epochs == report.total_epochs
        and before.total_steps == report.total_steps
        and _is_no_less(report.current_step, before.current_step)
        and _is_no_less(report.current_epoch, before.current_epoch)
        and (before.progress is None) == (report.progress is None)
        and (
            before.progress is None
            or report.progress is None
            or (
                before.progress.unit == report.progress.unit
                and before.progress.value <= report.progress.value
            )
        )
    )


def _is_no_less(count: int | None, before: int | None) -> bool:
    return count == before or (count is not None and before is not None and count > before)


def _as_one(run: list[Report]) -> Report:
    last = run[-1]
    if len(run) == 1:
        return last
    points: list[Point] = []
    for report in run:
        points.extend(report.points)
    return replace(last, points=tuple(points))
