"""Of each kind of warning a line a second is logged, and how many were left out."""

import asyncio
import logging

import pytest
import structlog

from trainwatch.services.log_limit import LogLimit


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def told(limit: LogLimit, method: str = "warning", **line: object) -> dict[str, object] | None:
    """Return what is logged of a line; None if it is left out."""
    try:
        return dict(limit(None, method, dict(line)))
    except structlog.DropEvent:
        return None


def test_a_kind_is_told_once_a_second_with_how_many_were_left_out():
    clock = Clock()
    limit = LogLimit(clock=clock)
    assert told(limit, event="write_failed", reason="full") == {"event": "write_failed", "reason": "full"}
    assert [told(limit, event="write_failed", reason=str(number)) for number in range(7)] == [None] * 7
    clock.now += 1
    assert told(limit, event="write_failed") == {"event": "write_failed", "left_out": 7}
    clock.now += 1
    assert told(limit, event="write_failed") == {"event": "write_failed"}


def test_kinds_and_loops_do_not_hide_each_other_and_what_is_no_warning_is_left_alone():
    limit = LogLimit(clock=Clock())
    for line in ({"event": "a"}, {"event": "b"}, {"event": "f", "loop": "x"}, {"event": "f", "loop": "y"}):
        assert told(limit, **line) == line
    assert all(told(limit, "info", event="job_started") for _ in range(9))


def test_what_was_left_out_last_is_told_when_it_has_ended():
    clock = Clock()
    limit = LogLimit(clock=clock)
    for _ in range(5):
        told(limit, event="page_failed")
    with structlog.testing.capture_logs() as lines:
        asyncio.run(limit.step())
        assert lines == []
        clock.now += 1
        asyncio.run(limit.step())
        asyncio.run(limit.step())
    assert [(line["event"], line["kind"], line["count"]) for line in lines] == [
        ("log_lines_left_out", "page_failed", 4)
    ]


def test_lines_of_other_programs_are_limited_by_where_they_are_written(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    limit = LogLimit(clock=clock)
    log = logging.getLogger("somebody.else")
    caplog.handler.addFilter(limit)
    try:
        for number in range(9):
            clock.now += 1 if number == 8 else 0
            log.warning("no request: %d", number)
    finally:
        caplog.handler.removeFilter(limit)
    assert caplog.messages == ["no request: 0", "no request: 8 (left out: 7)"]
