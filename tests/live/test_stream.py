"""A stream numbers what is said and keeps the last of it, in so many messages and so many bytes."""

import asyncio

import pytest

from trainwatch.live.stream import Said, Stream


def talking(count: int, *, most_kept: int = 10, most_bytes: int = 1_000, text: str = "x") -> Stream:
    """Return a stream on which so much was said."""
    stream = Stream(most_kept=most_kept, most_bytes=most_bytes)
    for number in range(1, count + 1):
        stream.say(f"task {number}", text)
    return stream


def topics(said: object) -> list[str]:
    assert isinstance(said, list)
    return [each.topic for each in said]


def test_what_was_said_after_a_position_is_returned_in_order():
    stream = talking(5)
    assert stream.last == 5
    assert stream.since(3) == [Said("task 4", "x"), Said("task 5", "x")]
    assert stream.since(5) == []


def test_only_the_first_are_returned_if_not_all_are_wanted():
    stream = talking(9)
    assert topics(stream.since(2, most=3)) == ["task 3", "task 4", "task 5"]
    assert topics(stream.since(8, most=3)) == ["task 9"]
    assert stream.since(2, most=0) == []


@pytest.mark.parametrize("most", [None, 0, 1])
def test_what_is_not_kept_any_more_or_was_never_said_is_not_passed_over(most: int | None):
    stream = talking(25)
    assert stream.since(15, most=most) is not None
    assert stream.since(14, most=most) is None
    assert stream.since(26, most=most) is None
    assert stream.since(-1, most=most) is None


def test_so_many_bytes_are_kept_whatever_their_number():
    stream = talking(10, most_bytes=350, text="x" * 100)
    assert topics(stream.since(7)) == ["task 8", "task 9", "task 10"]
    assert stream.since(6) is None


def test_what_was_said_last_is_kept_however_long_it_is():
    stream = talking(2, most_bytes=50, text="x" * 100)
    assert topics(stream.since(1)) == ["task 2"]
    assert stream.since(0) is None


def test_every_stream_has_an_id_of_its_own():
    assert Stream().id != Stream().id


def test_every_follower_hears_the_bell_until_it_leaves():
    async def scene() -> None:
        stream = Stream()
        with stream.following(0) as first, stream.following(0) as second:
            stream.say("task", "one")
            await asyncio.wait_for(asyncio.gather(first.news.wait(), second.news.wait()), 1)
            first.news.clear()
        stream.say("task", "two")
        assert not first.news.is_set()

    asyncio.run(scene())
