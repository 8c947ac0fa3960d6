"""The clock of tracked tasks: their time runs out also when nobody says a word."""

import asyncio
from datetime import datetime

from trainwatch.services.tracking import note_overdue
from trainwatch.store.engine import Database
from trainwatch.store.tracked import overdue_tasks
from trainwatch.store.writer import Writer


async def end_overdue(database: Database, writer: Writer, *, now: datetime) -> None:
    """Note which tracked tasks have reached their time limit."""
    if await asyncio.to_thread(_is_any_overdue, database, now):
        await writer.submit(note_overdue)


def _is_any_overdue(database: Database, now: datetime) -> bool:
    with database.reading() as connection:
        return bool(overdue_tasks(connection, now=now, limit=1))
