"""Where trackers write: what `where` means, and that those of one place share one ledger."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwatch.console import Console
from trainwatch.errors import DataDirLockedError, SettingsError
from trainwatch.tracking.keeper import Keeper
from trainwatch.tracking.ledger import Ledger
from trainwatch.tracking.server_keeper import ServerKeeper
from trainwatch.tracking.wire import key_of_environment, wire_to_folder, wire_to_url

DATABASE_FILE = "trainwatch.db"
"""The file in a data directory; what a server that runs there has open."""

_LOCK_FILE = "trainwatch.lock"
_STARTING_S = 2.0
"""How long a server may take from its lock to its socket file."""

_AT_EXIT_S = 5.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Place:
    """A ledger and how many trackers use it; `anchor` keeps alive what `key` names by its id."""

    key: Hashable
    ledger: Ledger
    anchor: object = None
    users: int = 0

    def leave(self) -> None:
        """Say that one tracker less uses it; the last one closes it."""
        with _lock:
            self.users -= 1
            if self.users:
                return
            del _places[self.key]
            lost = self.ledger.close()
        if lost:
            log.error("progress_lost changes=%d", lost)


_places: dict[Hashable, Place] = {}
_lock = threading.Lock()


def enter(where: Any, key: str | None) -> Place:
    """Return the place that `where` means, for one more tracker.

    Raises:
        SettingsError: If it means none, or cannot be used.
        DataDirLockedError: If another process, which is no server, owns it.
        MigrationError: If the database there is not of this version and cannot be brought to it.
    """
    with _lock:
        place = _place_at(where, key)
        _places[place.key] = place
        place.users += 1
        return place


def _place_at(where: Any, key: str | None) -> Place:
    if isinstance(where, str) and where.startswith(("http://", "https://")):
        key = key_of_environment(where, os.environ) if key is None else key
        return Place(object(), Ledger(ServerKeeper(wire_to_url(where, key), wire_to_url(where, key))))
    if isinstance(where, str | os.PathLike) and "://" not in os.fspath(where):
        path = _file_of(Path(os.fspath(where)))
        name: Hashable = f"sqlite:///{path}"
        return _places.get(name) or Place(name, Ledger(_keeper_of_file(path)))
    return _place_of_object(where)


def _place_of_object(where: Any) -> Place:
    """Return the place that is a database or a writer of this program."""
    from trainwatch.store.engine import Database  # noqa: PLC0415 - over HTTP nobody needs it
    from trainwatch.store.writer import Writer  # noqa: PLC0415

    if isinstance(where, Database):
        from trainwatch.tracking.own_store import keep_in  # noqa: PLC0415

        return _places.get(where.url) or Place(where.url, Ledger(keep_in(where)))
    if isinstance(where, Writer):
        from trainwatch.tracking.own_store import keep_by  # noqa: PLC0415

        return _places.get(id(where)) or Place(id(where), Ledger(keep_by(where)), anchor=where)
    raise SettingsError(
        "a tracker writes to a data directory, its trainwatch.db, http://… or a database that is open;"
        f" {where!r} is none of them"
    )


def _file_of(path: Path) -> Path:
    path = path.expanduser().absolute().resolve()
    is_folder = path.is_dir() or (not path.exists() and not path.suffix)
    return path / DATABASE_FILE if is_folder else path


def _keeper_of_file(path: Path) -> Keeper:
    """Return who keeps changes in the file: the server that runs on its folder, else this program."""
    from trainwatch.tracking.own_store import open_own  # noqa: PLC0415 - over HTTP nobody needs it

    if path.name != DATABASE_FILE:  # a server has no such file
        return open_own(path, lock_file=f"{path.name}.lock")
    latest = time.monotonic() + _STARTING_S
    while True:
        if _is_served(path.parent):
            return ServerKeeper(wire_to_folder(path.parent), wire_to_folder(path.parent))
        try:
            return open_own(path, lock_file=_LOCK_FILE)
        except DataDirLockedError as error:
            if time.monotonic() > latest:
                raise DataDirLockedError(
                    f"{error}; several programs can track on it at once while a server runs there"
                ) from error
        time.sleep(0.05)


def _is_served(data_dir: Path) -> bool:
    console = Console(data_dir)
    try:
        console.connect()
    except OSError:
        return False
    console.close()
    return True


@atexit.register
def _flush_everything() -> None:
    """Give what still waits a last chance, and tell what never got there."""
    latest = time.monotonic() + _AT_EXIT_S
    for place in list(_places.values()):
        lost = place.ledger.flush(max(0.0, latest - time.monotonic()))
        if lost:
            log.error("progress_lost changes=%d", lost)
