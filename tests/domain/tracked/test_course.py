import time
from copy import deepcopy
from dataclasses import replace

import pytest

from tests.domain.factories import NOW, at
from trainwatch.domain.tracked.change import (
    Act,
    Advance,
    Complete,
    Err,
    Iterate,
    Spend,
    Start,
    Verify,
)
from trainwatch.domain.tracked.course import advance, overdue
from trainwatch.domain.tracked.progress import RECENT_EVENTS, CurrentAction
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError


def started(**facts):
    return advance(None, Start("t", "claude", **facts), NOW).progress


def after(progress, *changes, seconds=1.0):
    """Return the progress after `changes`, a second apart, and all the events that they made."""
    events = []
    for n, change in enumerate(changes):
        advanced = advance(progress, change, at(seconds + n))
        progress = advanced.progress
        events += advanced.events
    return progress, events


def messages(events):
    return [event.message for event in events]


def test_a_start_makes_a_task_that_is_in_progress_with_nothing_done():
    advanced = advance(None, Start("t", "claude", criteria_total=2, title="Refactor"), NOW)
    task = advanced.progress
    assert (task.task_id, task.agent_id, task.status, task.title) == (
        "t",
        "claude",
        "in_progress",
        "Refactor",
    )
    assert (task.iteration, task.max_iterations, task.progress_percent, task.criteria_total) == (
        0,
        20,
        0.0,
        2,
    )
    assert [each.text for each in task.criteria] == ["Criterion 1", "Criterion 2"]
    assert task.started_at == "2025-03-01T12:00:00.000+00:00"
    assert [(event.event_type, event.message) for event in advanced.events] == [
        ("start", "Task execution started")
    ]
    assert task.events == list(advanced.events)


def test_criteria_may_have_texts_of_their_own():
    task = started(criteria=("tests pass", "docs are there"))
    assert (task.criteria_total, [each.text for each in task.criteria]) == (
        2,
        ["tests pass", "docs are there"],
    )


def test_verifying_one_of_four_criteria_is_a_quarter():
    task, events = after(started(criteria_total=4), Verify("t", 2))
    assert (task.progress_percent, task.criteria_verified) == (25.0, 1)
    assert task.criteria[2].verified_at == "2025-03-01T12:00:01.000+00:00"
    assert [(event.event_type, event.message) for event in events] == [("progress", "Criterion 3 verified")]


def test_a_criterion_that_is_verified_twice_counts_once():
    task, events = after(started(criteria_total=4), Verify("t", 0), Verify("t", 0))
    assert (task.progress_percent, task.criteria_verified, len(events)) == (25.0, 1, 1)
    assert task.criteria[0].verified_at == "2025-03-01T12:00:01.000+00:00"


@pytest.mark.parametrize(("total", "index"), [(4, 4), (4, -1), (0, 0)])
def test_a_criterion_that_is_not_there_is_refused(total, index):
    with pytest.raises(BadRequestError, match=f"there is no criterion {index}") as refused:
        advance(started(criteria_total=total), Verify("t", index), NOW)
    assert refused.value.field == "index"


def test_iteration_and_percent_never_fall():
    task, events = after(started(), Iterate("t", 5), Iterate("t", 3), Advance("t", 60.0), Advance("t", 40.0))
    assert (task.iteration, task.progress_percent, events) == (5, 60.0, [])


def test_what_was_reported_in_percent_is_not_taken_back_by_a_criterion():
    task, _ = after(started(criteria_total=4), Advance("t", 60.0), Verify("t", 0))
    assert task.progress_percent == 60.0


def test_an_estimate_of_the_cost_may_be_corrected():
    task, _ = after(started(), Spend("t", 3.5), Spend("t", 3.25))
    assert task.cost_estimate == 3.25


@pytest.mark.parametrize(
    ("action", "success", "created", "modified"),
    [
        ("write", True, ["a.py"], []),
        ("create", True, ["a.py"], []),
        ("Write", True, ["a.py"], []),
        ("edit", True, [], ["a.py"]),
        ("read", True, [], []),
        ("write", False, [], []),
        ("edit", False, [], []),
    ],
)
def test_files_are_those_that_a_successful_action_wrote_or_edited(action, success, created, modified):
    task, events = after(started(), Act("t", action, "a.py", success=success))
    assert (task.files_created, task.files_modified) == (created, modified)
    assert messages(events) == [f"{'✓' if success else '✗'} {action}: a.py"]
    assert events[0].details == {"action": action, "target": "a.py", "success": success}


def test_a_file_that_is_edited_twice_is_listed_once():
    edit = Act("t", "edit", "a.py", success=True)
    task, events = after(started(), edit, Act("t", "edit", "b.py", success=True), edit)
    assert (task.files_modified, len(events)) == (["a.py", "b.py"], 3)


def test_an_action_that_begins_is_the_current_one_and_no_event():
    task, events = after(started(), Act("t", "run", "make test"))
    assert task.action == CurrentAction("run", "make test", "2025-03-01T12:00:01.000+00:00")
    assert events == []


def test_an_action_that_is_done_knows_when_it_began():
    task, _ = after(started(), Act("t", "run", "make test"), Act("t", "run", "make test", success=False))
    assert task.action == CurrentAction(
        "run", "make test", "2025-03-01T12:00:01.000+00:00", is_done=True, success=False
    )
    task, _ = after(task, Act("t", "run", "make test", success=True), seconds=9)
    assert task.action == CurrentAction(
        "run", "make test", "2025-03-01T12:00:09.000+00:00", is_done=True, success=True
    )


def test_an_error_is_an_event_and_the_task_goes_on():
    task, events = after(started(), Err("t", "no such file"))
    assert (task.status, events[0].event_type, messages(events)) == (
        "in_progress",
        "error",
        ["ERROR: no such file"],
    )


def test_a_success_is_a_hundred_percent():
    task, events = after(started(criteria_total=4), Verify("t", 0), Complete("t", success=True, summary="ok"))
    assert (task.status, task.progress_percent, task.criteria_verified) == ("complete", 100.0, 1)
    assert (task.completed_at, task.summary) == ("2025-03-01T12:00:02.000+00:00", "ok")
    assert (events[-1].event_type, events[-1].message) == ("complete", "Task completed successfully")


def test_a_failure_stays_as_far_as_it_came_and_leaves_no_action_behind():
    task, events = after(started(), Advance("t", 30.0), Act("t", "run", "x"), Complete("t", success=False))
    assert (task.status, task.progress_percent, task.action) == ("failed", 30.0, None)
    assert messages(events) == ["Task failed"]


def test_after_the_end_actions_errors_and_costs_are_taken_and_the_state_stays():
    ended, _ = after(started(), Complete("t", success=False))
    task, events = after(
        ended, Act("t", "write", "late.py", success=True), Err("t", "late"), Spend("t", 2.0), seconds=9
    )
    assert (task.status, task.completed_at) == ("failed", ended.completed_at)
    assert (task.files_created, task.cost_estimate, len(events)) == (["late.py"], 2.0, 2)


@pytest.mark.parametrize(
    "change", [Iterate("t", 1), Advance("t", 1.0), Verify("t", 0), Complete("t", success=True)]
)
def test_after_the_end_everything_else_is_refused(change):
    ended, _ = after(started(criteria_total=1), Complete("t", success=True))
    with pytest.raises(ConflictError):
        advance(ended, change, NOW)


@pytest.mark.parametrize("change", [Iterate("t", 1), Act("t", "run"), Complete("t", success=True)])
def test_a_task_that_nobody_started_is_not_found(change):
    with pytest.raises(NotFoundError) as refused:
        advance(None, change, NOW)
    assert refused.value.field == "taskId"


def test_a_start_of_a_task_that_is_there_begins_anew():
    before, _ = after(started(criteria_total=2), Verify("t", 0), Spend("t", 3.0), Err("t", "x"))
    assert (
        advance(before, Start("t", "other"), NOW).progress == advance(None, Start("t", "other"), NOW).progress
    )


@pytest.mark.parametrize(
    ("facts", "change", "limit", "message"),
    [
        ({}, Iterate("t", 20), "iterations", "Limit reached: 20 of 20 iterations"),
        ({"max_iterations": 3}, Iterate("t", 5), "iterations", "Limit reached: 5 of 3 iterations"),
        ({"max_cost": 5.0}, Spend("t", 5.016), "cost", "Limit reached: $5.02 of $5.00"),
        ({"max_cost": 0.002}, Spend("t", 0.002), "cost", "Limit reached: $0.002 of $0.002"),
        (
            {"max_seconds": 600.0},
            Act("t", "run", "x", at=at(610)),
            "seconds",
            "Limit reached: 10m 10s of 10m",
        ),
    ],
)
@pytest.mark.parametrize("stop_at_limit", [False, True])
def test_each_limit_is_told_once_and_stops_only_who_asked_for_it(
    facts, change, limit, message, stop_at_limit
):
    task, events = after(started(**facts, stop_at_limit=stop_at_limit), change, change)
    assert [(event.event_type, event.message, event.details) for event in events] == [
        ("progress", message, {"limit": limit})
    ]
    assert (task.limits_reached, task.stop_requested) == ([limit], stop_at_limit)


def test_just_below_a_limit_nothing_is_told():
    task, events = after(started(max_cost=5.0), Iterate("t", 19), Spend("t", 4.99))
    assert (task.limits_reached, events) == ([], [])


def test_time_is_up_though_nobody_says_a_word():
    task = started(max_seconds=60, stop_at_limit=True)
    assert overdue(task, at(59.9)) is None
    late = overdue(task, at(60))
    assert late is not None
    assert messages(late.events) == ["Limit reached: 1m of 1m"]
    assert late.progress.stop_requested
    assert overdue(late.progress, at(99)) is None


def test_the_clock_of_a_task_that_has_ended_stands_still():
    task, _ = after(started(max_seconds=60), Complete("t", success=True))
    assert overdue(task, at(1_000)) is None
    assert after(task, Err("t", "x"), seconds=1_000)[0].limits_reached == []


def test_a_limit_that_is_reached_after_the_end_is_told_and_stops_nobody():
    ended, _ = after(started(max_cost=1.0, stop_at_limit=True), Complete("t", success=True))
    task, _ = after(ended, Spend("t", 2.0))
    assert (task.limits_reached, task.stop_requested) == (["cost"], False)


def test_the_own_time_of_a_change_counts_not_when_it_came():
    task, events = after(started(criteria_total=1), Verify("t", 0, at=at(-3_600)))
    assert events[0].timestamp == task.criteria[0].verified_at == "2025-03-01T11:00:00.000+00:00"


def test_nothing_that_is_given_is_altered():
    task, _ = after(started(criteria_total=3, max_cost=1.0), Act("t", "write", "a", success=True))
    before = deepcopy(task)
    for change in (
        Verify("t", 1),
        Act("t", "write", "b", success=True),
        Spend("t", 2.0),
        Err("t", "x"),
        Complete("t", success=True),
    ):
        advance(task, change, at(5))
    assert task == before


def test_only_the_newest_events_go_on_in_the_progress():
    task, events = after(started(), *(Err("t", str(n)) for n in range(50)))
    assert len(task.events) == RECENT_EVENTS
    assert task.events == events[-RECENT_EVENTS:]


def test_a_change_costs_the_same_however_many_came_before():
    def seconds(progress):
        began = time.perf_counter()
        after(progress, *(Err("t", "x") for _ in range(1_000)))
        return time.perf_counter() - began

    young = started()
    old, _ = after(young, *(Err("t", str(n)) for n in range(20_000)))
    assert min(seconds(old) for _ in range(5)) < 3 * min(seconds(young) for _ in range(5))


def test_a_progress_made_by_hand_goes_on_too():
    task = replace(started(), criteria_total=0, criteria=[], events=[])
    assert after(task, Iterate("t", 2))[0].iteration == 2
