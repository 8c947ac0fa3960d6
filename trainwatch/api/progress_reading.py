"""How tracked tasks stand, for those who then listen to what changes."""

import asyncio
from collections.abc import Sequence

from trainwatch.api.progress_socket import Read
from trainwatch.api.progress_texts import Wish
from trainwatch.domain.tracked.told import Standing
from trainwatch.services.tracking import standings
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


def reading(database: Database, writer: Writer) -> Read:
    """Return what reads tasks from `database`, all of whose changes `writer` makes."""

    async def read(wish: Wish) -> Sequence[Standing]:
        found = await asyncio.to_thread(standings, database, wish.tasks)
        await writer.submit(
            lambda work: None
        )  # whatever was committed before this is published before its answer
        return found

    return read
