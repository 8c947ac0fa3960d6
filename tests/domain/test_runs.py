"""Joining neighbours of a batch changes nothing but the work it takes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.factories import make_task
from trainwatch.domain.apply import apply
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Report
from trainwatch.domain.runs import joined
from trainwatch.domain.task import Task

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

_counts = st.one_of(st.none(), st.integers(0, 12))
_payloads = st.fixed_dictionaries(
    {"taskName": st.sampled_from(["a", "b"])},
    optional={
        "step": _counts,
        "epoch": _counts,
        "totalEpochs": st.sampled_from([10, 20]),
        "progress": st.sampled_from([0, 0.2, 0.7, 1, 2, 45, "60%", "100%"]),
        "status": st.sampled_from(["running", "done", "queued", "paused", "failed"]),
        "loss": st.sampled_from([0.5, 1.5, float("nan")]),
        "message": st.sampled_from(["hello", "there"]),
        "attempt": st.sampled_from([1, 2]),
    },
)


def a_report(**payload: Any) -> Report:
    report = parse({"taskName": "a", **payload})
    assert isinstance(report, Report)
    return report


def after(task: Task, reports: list[Report]) -> tuple[dict[str, Any], list[Any], list[tuple[int, Any]]]:
    """Return the task's facts, what happened, and the points by attempt, after `reports` at one instant."""
    happenings: list[Any] = []
    points: list[tuple[int, Any]] = []
    for report in reports:
        applied = apply(task, report, now=NOW)
        task = applied.task
        happenings.extend(applied.happenings)
        points.extend((applied.points_attempt, point) for point in report.points)
    facts = dict(vars(task))
    del facts["pace"], facts["eta_seconds"]  # estimates: at one instant there is no speed
    return facts, happenings, points


@given(st.lists(_payloads, max_size=12), st.booleans())
def test_joined_reports_do_what_the_reports_do(payloads: list[dict[str, Any]], is_ended: bool):
    reports = [a_report(**{**payload, "taskName": "a"}) for payload in payloads]
    task = make_task(last_updated=NOW)
    if is_ended:
        task = apply(task, a_report(status="done"), now=NOW).task
    fewer = [report for report, _ in joined(reports)]
    assert after(task, fewer) == after(task, reports)


@given(st.lists(_payloads, max_size=12))
def test_every_report_is_counted_once_and_in_order(payloads: list[dict[str, Any]]):
    reports = [a_report(**payload) for payload in payloads]
    parts = list(joined(reports))
    assert sum(count for _, count in parts) == len(reports)
    names = [report.name for report, count in parts for _ in range(count) if isinstance(report, Report)]
    assert names == [report.name for report in reports]


def test_a_plain_run_becomes_one_report():
    reports = [a_report(step=step, loss=1 / step) for step in range(2, 102)]
    ((report, count),) = joined(reports)
    assert count == 100
    assert isinstance(report, Report)
    assert report.current_step == 101
    assert [point.step for point in report.points] == list(range(2, 102))


@pytest.mark.parametrize(
    "odd", [{"status": "paused"}, {"message": "hi"}, {"loss": float("nan")}, {"taskName": "b"}]
)
def test_what_is_more_than_a_step_stays_by_itself(odd: dict[str, Any]):
    reports = [a_report(step=2), a_report(step=3, **odd), a_report(step=4)]
    assert [count for _, count in joined(reports)] == [1, 1, 1]
