"""Time runs out though nobody says a word."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from trainwatch.domain.events import Event, Tracked
from trainwatch.domain.tracked.change import Start
from trainwatch.services.timekeeper import keep_time
from trainwatch.services.tracking import progress_of, track
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


def clock() -> datetime:
    return datetime.now(UTC)  # the real one: this is about seconds that pass


async def until(is_so: Callable[[], bool], *, within_s: float) -> None:
    latest = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < latest
        await asyncio.sleep(0.01)


def test_a_time_limit_is_noticed_though_nobody_reports(database: Database):
    heard: list[Event] = []

    def told() -> list[Tracked]:
        return [event for event in heard if isinstance(event, Tracked) and event.progress.limits_reached]

    async def scenario() -> None:
        writer = Writer(database, clock=clock, publish=heard.extend)
        writer.start()
        keeper = asyncio.create_task(keep_time(database, writer, clock=clock))
        try:
            await writer.submit(lambda work: track(work, Start("t", "claude", max_seconds=0.5)))
            await writer.submit(lambda work: track(work, Start("patient", "claude", max_seconds=3_600)))
            await until(lambda: bool(told()), within_s=20)
        finally:
            keeper.cancel()
            await writer.close()

    asyncio.run(scenario())
    assert [event.progress.task_id for event in told()] == ["t"]
    progress = progress_of(database, "t")
    assert progress is not None
    assert progress.limits_reached == ["seconds"]
