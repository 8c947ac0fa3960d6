"""Hourly cleanup of old receipts and sessions."""

from datetime import timedelta

import structlog

from trainwatch.services.sessions import forget_sessions
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

RECEIPTS_KEPT = timedelta(days=7)

log = structlog.get_logger()


async def tidy_up(writer: Writer) -> None:
    """Delete the receipts and sessions that are too old to matter."""
    forgotten = await writer.submit(forget_old_receipts)
    ended = await writer.submit(forget_sessions)
    log.debug("tidied_up", receipts=forgotten, sessions=ended)


def forget_old_receipts(work: Work) -> int:
    """Delete the receipts of reports older than a week; return how many."""
    return work.receipts.forget(before=work.now - RECEIPTS_KEPT)
