"""How tracked tasks stand, for those who then listen to what changes."""

import asyncio
from collections.abc import Sequence

from trainwatch.api.progress_socket import Read
from trainwatch.api.progress_texts import Wish
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.services.tracking import active, progress_of
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


def reading(database: Database, writer: Writer) -> Read:
    """Return what reads tasks from `database`, all of whose changes `writer` makes."""

    async def read(wish: Wish) -> Sequence[TaskProgress]:
        found = await asyncio.to_thread(_find, database, wish)
        await writer.submit(
            lambda work: None
        )  # whatever was committed before this is published before its answer
        return found

    return read


def _find(database: Database, wish: Wish) -> list[TaskProgress]:
    if wish.tasks is None:
        return active(database)
    found = (progress_of(database, task_id) for task_id in sorted(wish.tasks))
    return [each for each in found if each is not None]
