"""Every subscriber hears everything, and a slow one harms nobody but itself."""

import asyncio

from trainwatch.domain.events import TaskRemoved
from trainwatch.live.hub import Hub


def test_every_subscriber_hears_what_is_published_in_order():
    async def scenario():
        hub = Hub()
        with hub.subscribe() as first, hub.subscribe() as second:
            hub.publish([TaskRemoved(1), TaskRemoved(2)])
            hub.publish([TaskRemoved(3)])
            return await first.next(), await second.next()

    first, second = asyncio.run(scenario())
    assert first == second == [TaskRemoved(1), TaskRemoved(2), TaskRemoved(3)]


def test_a_slow_subscriber_loses_its_own_oldest_events_and_knows_how_many():
    async def scenario():
        hub = Hub()
        with hub.subscribe(limit=2) as slow, hub.subscribe(limit=10) as quick:
            hub.publish([TaskRemoved(number) for number in range(5)])
            return await slow.next(), slow.take_dropped(), await quick.next(), quick.take_dropped()

    kept, dropped, everything, none = asyncio.run(scenario())
    assert kept == [TaskRemoved(3), TaskRemoved(4)]
    assert (dropped, none) == (3, 0)
    assert len(everything) == 5


def test_who_has_left_hears_nothing():
    async def scenario():
        hub = Hub()
        with hub.subscribe() as gone:
            pass
        hub.publish([TaskRemoved(1)])
        return gone

    gone = asyncio.run(scenario())
    gone.offer([])
    assert gone.take_dropped() == 0


def test_who_gives_an_event_up_is_told_at_once_that_one_was_dropped():
    async def scenario():
        hub = Hub()
        with hub.subscribe() as subscription:
            hub.publish([TaskRemoved(1)])
            await subscription.next()
            subscription.give_up()
            return await subscription.next(), subscription.take_dropped(), subscription.take_dropped()

    assert asyncio.run(scenario()) == ([], 1, 0)
