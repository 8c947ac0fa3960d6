"""The folders of attempts: those of deleted tasks are taken away, with the log and whatever the job left there."""

import asyncio
import shutil
import time
from pathlib import Path

import structlog

from trainwatch.domain.events import TaskRemoved
from trainwatch.live.hub import Hub
from trainwatch.runners.base import AttemptKey
from trainwatch.store.credentials import find_instance
from trainwatch.store.engine import Database
from trainwatch.store.tasks import living_among
from trainwatch.supervisor.attempt import Handle
from trainwatch.supervisor.stop import request_stop

RETRY_S = 1.0
"""How long to wait for jobs of deleted tasks that still run."""

OWNER = "attempts.of-database"
"""The file beside the folder that says of which database's tasks these are the attempts: to another one they all look deleted."""

log = structlog.get_logger()


class AttemptFolderCleanup:
    """Takes away what deleted tasks leave in `folder`: at the start, and whenever one is deleted."""

    def __init__(self, folder: Path, database: Database, hub: Hub) -> None:
        """Look at `folder` at the first step, whatever `hub` tells."""
        self._folder = folder
        self._database = database
        self._subscription = hub.subscribe()
        self._is_due = True

    async def step(self) -> None:
        """Take away what is due, or wait until something is."""
        if not self._is_due:
            events = await self._subscription.next()
            is_removal = any(isinstance(event, TaskRemoved) for event in events)
            self._is_due = self._subscription.take_dropped() > 0 or is_removal
        if self._is_due:
            waiting = await asyncio.to_thread(sweep, self._folder, self._database)
            self._is_due = waiting > 0
            if self._is_due:
                await asyncio.sleep(RETRY_S)


def sweep(folder: Path, database: Database) -> int:
    """Take away the folders of attempts whose task is not there; return how many have to wait.

    One that still runs is asked to stop: nobody else could ask it any more.
    """
    if not folder.is_dir() or not _is_ours(folder, database):
        return 0
    found = [(key.task_id, each) for each in folder.iterdir() if (key := AttemptKey.from_folder(each.name))]
    with database.reading() as connection:
        living = living_among(connection, {task_id for task_id, _ in found})
    return sum(not _is_gone(each) for task_id, each in found if task_id not in living)


def _is_gone(folder: Path) -> bool:
    try:
        at = time.time()  # noqa: TID251 - the supervisor's own clock
        if isinstance(request_stop(folder, "the deletion of its task", at=at), Handle):
            return False
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass  # it was never begun, or is half gone
    except PermissionError:
        log.warning("attempt_not_ours", folder=folder.name)
        return True
    shutil.rmtree(folder, onerror=_complain)
    return True


def _complain(_: object, path: str, error: tuple[type[BaseException], BaseException, object]) -> None:
    if not isinstance(error[1], FileNotFoundError):
        log.warning("attempt_not_removed", path=path, reason=str(error[1]))


def _is_ours(folder: Path, database: Database) -> bool:
    with database.reading() as connection:
        instance = find_instance(connection)
    owner = folder.with_name(OWNER)
    if not owner.exists():
        owner.touch(mode=0o600)
        owner.write_text(instance or "")
    if owner.read_text() == (instance or ""):
        return True
    log.warning("attempts_of_another_database", folder=str(folder))
    return False
