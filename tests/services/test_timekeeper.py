"""Time runs out though nobody says a word."""

import asyncio
from datetime import UTC, datetime, timedelta

from trainwatch.domain.events import Event, Tracked
from trainwatch.domain.tracked.change import Start
from trainwatch.services.timekeeper import end_overdue
from trainwatch.services.tracking import progress_of, track
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_time_limit_is_noticed_once_though_nobody_reports(database: Database):
    heard: list[Event] = []
    now = NOW

    def told() -> list[str]:
        events = (event for event in heard if isinstance(event, Tracked))
        return [event.progress.task_id for event in events if event.progress.limits_reached]

    async def scenario() -> None:
        nonlocal now
        writer = Writer(database, clock=lambda: now, publish=heard.extend)
        writer.start()
        try:
            await writer.submit(lambda work: track(work, Start("t", "claude", max_seconds=0.5)))
            await writer.submit(lambda work: track(work, Start("patient", "claude", max_seconds=3_600)))
            await end_overdue(database, writer, now=now)
            assert told() == []
            now += timedelta(seconds=1)
            await end_overdue(database, writer, now=now)
            await end_overdue(database, writer, now=now)
        finally:
            await writer.close()

    asyncio.run(scenario())
    assert told() == ["t"]
    progress = progress_of(database, "t")
    assert progress is not None
    assert progress.limits_reached == ["seconds"]
