from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.tracked.change import (
    KINDS,
    Act,
    Advance,
    Complete,
    Err,
    Iterate,
    Spend,
    Start,
    Verify,
    change_of,
    payload_of,
    schema_of,
)
from trainwatch.errors import BadRequestError, TooLargeError

AT = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "payload", "change"),
    [
        ("start", {"agentId": "claude"}, Start("t", "claude")),
        (
            "start",
            {
                "agent_id": "claude",
                "criteria": ["a", " b "],
                "max_iterations": "7",
                "maxCost": 5,
                "maxSeconds": 1.5,
                "stopAtLimit": True,
                "title": "T",
            },
            Start("t", "claude", 2, ("a", "b"), 7, 5.0, 1.5, stop_at_limit=True, title="T"),
        ),
        ("start", {"agentId": "c", "criteriaTotal": 3, "criteria": None}, Start("t", "c", 3)),
        ("iteration", {"iteration": 4}, Iterate("t", 4)),
        ("progress", {"progress": 45.5}, Advance("t", 45.5)),
        ("progress", {"progress": 1}, Advance("t", 1.0)),
        ("progress", {"percent": 45}, Advance("t", 45.0)),
        ("criterion", {"index": 0}, Verify("t", 0)),
        ("action", {"action": "write", "target": "a.py"}, Act("t", "write", "a.py")),
        ("action", {"action": "think", "success": None}, Act("t", "think")),
        (
            "action",
            {"action": "edit", "target": "a.py", "success": False},
            Act("t", "edit", "a.py", success=False),
        ),
        ("error", {"error": "boom"}, Err("t", "boom")),
        ("cost", {"cost": 0}, Spend("t", 0.0)),
        ("cost", {"cost_estimate": 1.5}, Spend("t", 1.5)),
        (
            "complete",
            {"success": True, "summary": "all done"},
            Complete("t", success=True, summary="all done"),
        ),
        (
            "criterion",
            {
                "index": 1,
                "at": "2026-01-31T13:00:00.250+01:00",
                "eventId": 7,
                "taskId": "t",
                "type": "criterion",
            },
            Verify("t", 1, at=AT, event_id="7"),
        ),
    ],
)
def test_a_payload_becomes_a_change(kind, payload, change):
    assert change_of(kind, "t", payload) == change


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("start", {}, "agentId"),
        ("start", {"agentId": "  "}, "agentId"),
        ("start", {"agentId": "c", "criteriaTotal": -1}, "criteriaTotal"),
        ("start", {"agentId": "c", "criteriaTotal": 1_001}, "criteriaTotal"),
        ("start", {"agentId": "c", "criteriaTotal": 1, "criteria": ["a", "b"]}, "criteriaTotal"),
        ("start", {"agentId": "c", "criteria": "a"}, "criteria"),
        ("start", {"agentId": "c", "criteria": ["a", ""]}, "criteria"),
        ("start", {"agentId": "c", "criteria": [1]}, "criteria"),
        ("start", {"agentId": "c", "maxIterations": 0}, "maxIterations"),
        ("start", {"agentId": "c", "maxCost": 0}, "maxCost"),
        ("start", {"agentId": "c", "max_seconds": float("nan")}, "max_seconds"),
        ("start", {"agentId": "c", "stopAtLimit": "perhaps"}, "stopAtLimit"),
        ("start", {"agentId": "c", "maxCosts": 5}, "maxCosts"),
        ("iteration", {"iteration": 1.5}, "iteration"),
        ("iteration", {"iteration": True}, "iteration"),
        ("iteration", {"iteration": None}, "iteration"),
        ("progress", {"progress": 100.1}, "progress"),
        ("progress", {"progress": -1}, "progress"),
        ("criterion", {"index": -1}, "index"),
        ("criterion", {}, "index"),
        ("action", {"target": "a"}, "action"),
        ("action", {"action": "a", "target": 7}, "target"),
        ("action", {"action": "a", "target": "x" * 2_001}, "target"),
        ("action", {"action": "a\0b"}, "action"),
        ("error", {"error": 7}, "error"),
        ("cost", {"cost": -0.1}, "cost"),
        ("cost", {"cost": float("inf")}, "cost"),
        ("complete", {}, "success"),
        ("complete", {"success": "well"}, "success"),
        ("complete", {"success": True, "at": "yesterday"}, "at"),
        ("finish", {}, "type"),
        (["start"], {}, "type"),
        (None, {}, "type"),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_it_was_sent_under(kind, payload, field):
    with pytest.raises(BadRequestError) as refused:
        change_of(kind, "t", payload)
    assert refused.value.field == field


def test_a_key_that_means_nothing_is_told_what_it_may_have_meant():
    with pytest.raises(BadRequestError, match="did you mean maxCost"):
        change_of("start", "t", {"agentId": "c", "max_costs": 5})


@pytest.mark.parametrize("task_id", [None, 7, "", "  ", "a\0", "\ud800", "a\nb", "a\x1b[2J"])
def test_a_task_id_is_text_that_can_be_kept(task_id):
    with pytest.raises(BadRequestError) as refused:
        change_of("iteration", task_id, {"iteration": 1})
    assert refused.value.field == "taskId"


def test_a_task_id_of_two_hundred_characters_is_as_long_as_they_get():
    assert change_of("iteration", "x" * 200, {"iteration": 1}).task_id == "x" * 200
    with pytest.raises(TooLargeError):
        change_of("iteration", "x" * 201, {"iteration": 1})


def test_a_task_id_stays_as_it_is():
    assert change_of("iteration", " größer/大 ", {"iteration": 1}).task_id == " größer/大 "


def test_an_error_is_kept_whatever_it_looks_like():
    assert change_of("error", "t", {"error": "a\0b\ud800c"}) == Err("t", "a\ufffdb?c")
    assert change_of("error", "t", {"error": "x" * 20_000}) == Err("t", "x" * 9_999 + "…")


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=20
).filter(lambda text: text == text.strip() and text)
whens = {
    "at": st.none() | st.just(AT),
    "event_id": st.none() | texts,
}
t = st.just("t")
any_change = st.one_of(
    st.builds(
        Start,
        t,
        texts,
        criteria_total=st.integers(0, 1_000),
        max_iterations=st.integers(1, 2**53 - 1),
        max_cost=st.none() | st.floats(0, 1e12, exclude_min=True),
        max_seconds=st.none() | st.floats(0, 1e12, exclude_min=True),
        stop_at_limit=st.booleans(),
        title=st.none() | texts,
        **whens,
    ),
    st.lists(texts, min_size=1, max_size=5).flatmap(
        lambda given: st.builds(
            Start, t, texts, criteria_total=st.just(len(given)), criteria=st.just(tuple(given)), **whens
        )
    ),
    st.builds(Iterate, t, st.integers(0, 2**53 - 1), **whens),
    st.builds(Advance, t, st.floats(0, 100), **whens),
    st.builds(Verify, t, st.integers(0, 2**53 - 1), **whens),
    st.builds(Act, t, texts, st.just("") | texts, st.sampled_from([None, True, False]), **whens),
    st.builds(Err, t, texts, **whens),
    st.builds(Spend, t, st.floats(0, 1e12), **whens),
    st.builds(Complete, t, success=st.booleans(), summary=st.none() | texts, **whens),
)


@given(any_change)
def test_a_payload_says_all_there_is_to_a_change(change):
    assert change_of(change.kind, "t", payload_of(change)) == change


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_describes_itself(kind):
    schema = schema_of(kind)
    assert set(schema["required"]) <= set(schema["properties"])
    assert {"at", "eventId"} <= set(schema["properties"])
