"""What holds of a tracked task after any changes at all, in any order."""

import json

from hypothesis import given
from hypothesis import strategies as st

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
from trainwatch.domain.tracked.course import advance
from trainwatch.domain.tracked.files import files_of
from trainwatch.domain.tracked.state import lacks_files, progress_from, state_of
from trainwatch.errors import TrainwatchError

TOTAL = 5
FILES = st.sampled_from(["a", "b", "c", "d"])

changes = st.one_of(
    st.builds(Iterate, st.just("t"), st.integers(0, 50)),
    st.builds(Advance, st.just("t"), st.floats(0, 100)),
    st.builds(Verify, st.just("t"), st.integers(-1, TOTAL)),
    st.builds(
        Act,
        st.just("t"),
        st.sampled_from(["write", "edit", "read"]),
        FILES,
        st.sampled_from([None, True, False]),
    ),
    st.builds(Err, st.just("t"), st.text(min_size=1, max_size=5)),
    st.builds(Spend, st.just("t"), st.floats(0, 20)),
    st.builds(Complete, st.just("t"), success=st.booleans()),
)
starts = st.builds(
    Start,
    st.just("t"),
    st.just("claude"),
    criteria_total=st.sampled_from([0, TOTAL]),
    max_iterations=st.integers(1, 30),
    max_cost=st.sampled_from([None, 10.0]),
    max_seconds=st.sampled_from([None, 7.0]),
    stop_at_limit=st.booleans(),
)


def course(start, said):
    """Return each progress, the first one first, with the events that led to it; what is refused changes nothing."""
    advanced = advance(None, start, NOW)
    steps = [advanced]
    for n, change in enumerate(said, 1):
        try:
            advanced = advance(advanced.progress, change, at(n))
        except TrainwatchError:
            continue
        steps.append(advanced)
    return steps


@given(starts, st.lists(changes, max_size=40))
def test_counts_are_those_of_what_they_count_and_nothing_falls(start, said):
    steps = course(start, said)
    for before, now in zip([None, *steps], steps, strict=False):
        task = now.progress
        assert task.criteria_verified == sum(each.verified_at is not None for each in task.criteria)
        assert len(task.criteria) == task.criteria_total
        assert 0 <= task.progress_percent <= 100
        if task.criteria_total:
            assert task.progress_percent >= 100 * task.criteria_verified / task.criteria_total
        assert len(set(task.files_created)) == len(task.files_created)
        assert (task.status in ("complete", "failed")) == (task.completed_at is not None)
        if before is not None:
            assert task.progress_percent >= before.progress.progress_percent
            assert task.iteration >= before.progress.iteration
            assert (
                task.limits_reached[: len(before.progress.limits_reached)] == before.progress.limits_reached
            )
        if before is not None and before.progress.is_ended:
            assert task.status == before.progress.status


@given(starts, st.lists(changes, max_size=40))
def test_each_event_is_told_once_and_the_last_ones_go_along(start, said):
    steps = course(start, said)
    events = [event for step in steps for event in step.events]
    assert steps[-1].progress.events == events[-10:]
    told = [event.message for event in events]
    verified = [message for message in told if message.startswith("Criterion ")]
    assert len(verified) == len(set(verified)) == steps[-1].progress.criteria_verified
    limits = [event.details["limit"] for event in events if "limit" in event.details]
    assert limits == steps[-1].progress.limits_reached
    assert len(set(limits)) == len(limits)


@given(st.permutations(range(TOTAL)), st.lists(st.integers(0, TOTAL - 1)))
def test_criteria_count_alike_in_any_order_however_often(order, again):
    steps = course(Start("t", "claude", criteria_total=TOTAL), [Verify("t", n) for n in (*order, *again)])
    assert steps[-1].progress.progress_percent == 100.0
    assert [step.progress.criteria_verified for step in steps[: TOTAL + 1]] == list(range(TOTAL + 1))
    assert steps[-1].progress.criteria_verified == TOTAL


@given(starts, st.lists(changes, max_size=20))
def test_a_progress_comes_back_from_its_state_as_it_was(start, said):
    task = course(start, said)[-1].progress
    assert progress_from(json.loads(json.dumps(state_of(task))), task.events) == task


@given(starts, st.lists(changes, max_size=40))
def test_the_files_can_be_told_from_the_events(start, said):
    steps = course(start, said)
    actions = [event.details for step in steps for event in step.events if event.event_type == "action"]
    assert files_of(actions) == (steps[-1].progress.files_created, steps[-1].progress.files_modified)


def test_a_state_is_as_long_with_a_thousand_files_as_with_a_hundred():
    files = [f"{number:04}.py" for number in range(1_000)]
    few, many = (
        course(Start("t", "claude"), [Act("t", "write", file, success=True) for file in files[:count]])[-1]
        for count in (100, 1_000)
    )
    kept = json.dumps(state_of(many.progress))
    assert len(kept) <= len(json.dumps(state_of(few.progress))) + 1
    assert lacks_files(json.loads(kept))
    again = progress_from(json.loads(kept), many.progress.events, (files, []))
    assert again == many.progress
