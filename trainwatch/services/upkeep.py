"""Hourly cleanup of old receipts and sessions."""

import asyncio
from datetime import timedelta

import structlog

from trainwatch.errors import TrainwatchError
from trainwatch.services.sessions import forget_sessions
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

EVERY_S = 3600.0
RECEIPTS_KEPT = timedelta(days=7)

log = structlog.get_logger()


async def keep_up(writer: Writer) -> None:
    """Tidy up every hour until cancelled; what fails now is tried again in an hour."""
    while True:
        try:
            forgotten = await writer.submit(forget_old_receipts)
            ended = await writer.submit(forget_sessions)
            log.debug("tidied_up", receipts=forgotten, sessions=ended)
        except TrainwatchError as error:
            log.warning("upkeep_failed", reason=error.message)
        await asyncio.sleep(EVERY_S)


def forget_old_receipts(work: Work) -> int:
    """Delete the receipts of reports older than a week; return how many."""
    return work.forget_receipts(before=work.now - RECEIPTS_KEPT)
