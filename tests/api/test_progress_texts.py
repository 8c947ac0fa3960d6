"""What clients ask for on `/ws/progress` is understood strictly."""

import json
from urllib.parse import urlencode

import pytest

from trainwatch.api.progress_texts import MOST_NAMED, Place, Wish, parse_query, parse_said
from trainwatch.errors import BadRequestError, TooLargeError

SOME = frozenset({"a", "b/c", "ü & more"})


def test_without_a_query_all_tasks_are_wanted_from_now_on():
    assert parse_query(b"") == (Wish(None), None)


def test_tasks_are_named_one_by_one():
    wish, _ = parse_query(urlencode([("task", name) for name in SOME]).encode())
    assert wish == Wish(SOME)
    assert wish.covers("b/c")
    assert not wish.covers("b")
    assert Wish().covers("b")


def test_a_place_is_a_stream_and_a_number():
    assert parse_query(b"stream=s1&after=17")[1] == Place("s1", 17)


@pytest.mark.parametrize(
    "query",
    [
        "after=1",
        "stream=s",
        "stream=s&after=",
        "stream=s&after=-1",
        "stream=s&after=1.5",
        "stream=s&after=x",
        "stream=s&after=²",
        "stream=s&after=1&after=2",
        "stream=s&stream=t&after=1",
        "stream=s&after=" + "9" * 20,
        "task=",
        "task=%00",
        "task=%20",
        "task=%ff",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: str):
    with pytest.raises(BadRequestError):
        parse_query(query.encode())


@pytest.mark.parametrize("count", [MOST_NAMED + 1, 10 * MOST_NAMED])
def test_too_many_tasks_are_refused(count: int):
    names = [f"t{number}" for number in range(count)]
    with pytest.raises((BadRequestError, TooLargeError)):
        parse_query(urlencode([("task", name) for name in names]).encode())
    with pytest.raises(TooLargeError):
        parse_said(json.dumps({"type": "subscribe", "tasks": names}))


def test_a_subscription_names_tasks_or_none_for_all():
    assert parse_said(json.dumps({"type": "subscribe", "tasks": sorted(SOME)})) == Wish(SOME)
    assert parse_said('{"type": "subscribe", "tasks": []}') == Wish(frozenset())
    assert parse_said('{"type": "subscribe", "tasks": null}') == Wish(None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "5",
        '"subscribe"',
        "[" * 10_000,
        "{}",
        '{"type": "subscribe"}',
        '{"type": "unsubscribe", "tasks": []}',
        '{"type": "subscribe", "tasks": "a"}',
        '{"type": "subscribe", "tasks": {"a": 1}}',
        '{"type": "subscribe", "tasks": [1]}',
        '{"type": "subscribe", "tasks": [null]}',
        '{"type": "subscribe", "tasks": [["a"]]}',
        '{"type": "subscribe", "tasks": ["a\\u0000b"]}',
        '{"type": "subscribe", "tasks": [""]}',
    ],
)
def test_what_is_no_subscription_is_refused(text: str):
    with pytest.raises(BadRequestError) as refusal:
        parse_said(text)
    assert len(refusal.value.message.encode()) < 123


def test_a_name_too_long_is_refused():
    with pytest.raises(TooLargeError):
        parse_said(json.dumps({"type": "subscribe", "tasks": ["x" * 201]}))
