"""The clock of tracked tasks: their time runs out also when nobody says a word."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.errors import TrainwatchError
from trainwatch.services.tracking import note_overdue
from trainwatch.store.engine import Database
from trainwatch.store.tracked import overdue_tasks
from trainwatch.store.writer import Writer

EVERY_S = 1.0

log = structlog.get_logger()


async def keep_time(database: Database, writer: Writer, *, clock: Callable[[], datetime]) -> None:
    """Note every second whose time is up, until cancelled; what fails now is tried again in a second."""
    while True:
        try:
            if await asyncio.to_thread(_is_any_overdue, database, clock()):
                await writer.submit(note_overdue)
        except (TrainwatchError, SQLAlchemyError) as error:
            log.warning("timekeeping_failed", reason=str(error))
        await asyncio.sleep(EVERY_S)


def _is_any_overdue(database: Database, now: datetime) -> bool:
    with database.reading() as connection:
        return bool(overdue_tasks(connection, now=now, limit=1))
