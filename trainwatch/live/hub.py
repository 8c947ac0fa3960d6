"""Publish and subscribe inside the process."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType

from trainwatch.domain.events import Event

DEFAULT_LIMIT = 10_000


class Subscription:
    """The events of one subscriber, kept until it asks for them."""

    def __init__(self, hub: "Hub", limit: int) -> None:
        """Keep at most `limit` events waiting."""
        self._hub = hub
        self._waiting: deque[Event] = deque(maxlen=limit)
        self._news = asyncio.Event()
        self._dropped = 0

    def offer(self, events: Sequence[Event]) -> None:
        """Queue `events`; when there is no room this subscriber's own oldest are dropped and counted."""
        limit = self._waiting.maxlen or 0
        self._dropped += max(0, len(self._waiting) + len(events) - limit)
        self._waiting.extend(events)
        self._news.set()

    def give_up(self) -> None:
        """Count an event that was taken and came to nothing among the dropped ones; `next` returns at once."""
        self._dropped += 1
        self._news.set()

    async def next(self) -> list[Event]:
        """Wait for events and return all that wait, oldest first; none where some were only dropped."""
        await self._news.wait()
        self._news.clear()
        events = list(self._waiting)
        self._waiting.clear()
        return events

    def take_dropped(self) -> int:
        """Return how many events were dropped since the last call."""
        dropped, self._dropped = self._dropped, 0
        return dropped

    def __enter__(self) -> "Subscription":
        """Return itself; leaving the block ends the subscription."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the subscription."""
        self._hub.leave(self)


class Hub:
    """Hands each event to every subscriber. All methods belong to the event loop's thread."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._subscriptions: set[Subscription] = set()

    def subscribe(self, limit: int = DEFAULT_LIMIT) -> Subscription:
        """Return a new subscription that holds at most `limit` unread events."""
        subscription = Subscription(self, limit)
        self._subscriptions.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Forget `subscription`."""
        self._subscriptions.discard(subscription)

    def publish(self, events: Sequence[Event]) -> None:
        """Hand `events` to every subscriber; never blocks and never raises."""
        for subscription in self._subscriptions:
            subscription.offer(events)
