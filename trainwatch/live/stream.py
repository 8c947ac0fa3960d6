"""A numbered stream of messages that keeps the last of them, so that who was away for a moment misses nothing."""

import asyncio
import secrets
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

MOST_KEPT = 10_000
MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Said:
    """What was said about `topic`."""

    topic: str
    text: str


@dataclass(slots=True, eq=False)
class Follower:
    """A reader of the stream: the number of the last message that it has had, and a bell for news."""

    position: int
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Stream:
    """Messages, numbered from 1, of which the last are kept. All methods belong to the event loop's thread.

    Nobody waits for a follower, and none of them costs memory: each reads from what is kept, and one that is
    further behind than that has missed something and is told so. `id` tells this stream from those of other servers.
    """

    def __init__(self, *, most_kept: int = MOST_KEPT, most_bytes: int = MOST_BYTES) -> None:
        """Keep at most so many messages, of so many bytes together."""
        self._most_kept = most_kept
        self._most_bytes = most_bytes
        self._kept: deque[Said] = deque()
        self._bytes = 0
        self._followers: set[Follower] = set()
        self.id = secrets.token_hex(8)
        self.last = 0

    def say(self, topic: str, text: str) -> None:
        """Say `text`, which is number `last + 1`, and ring the bell of every follower."""
        self.last += 1
        self._kept.append(Said(topic, text))
        self._bytes += len(text)
        while len(self._kept) > 1 and (len(self._kept) > self._most_kept or self._bytes > self._most_bytes):
            self._bytes -= len(self._kept.popleft().text)
        for follower in self._followers:
            follower.news.set()

    def since(self, position: int, *, most: int | None = None) -> Sequence[Said] | None:
        """Return what was said after `position`, the first `most` of it; None if not all of it is kept, or was said."""
        missing = self.last - position
        if not 0 <= missing <= len(self._kept):
            return None
        first = 0 if most is None else max(0, missing - most)
        return list(islice(reversed(self._kept), first, missing))[::-1]

    @contextmanager
    def following(self, position: int) -> Generator[Follower]:
        """Give a follower that has had everything up to `position`."""
        follower = Follower(position)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
