"""A look at a database that changes nothing: which it is, whether it is whole, how late it is there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from trainwatch.store.damage import find_damage
from trainwatch.store.schema import HEAD, revision_in
from trainwatch.store.tables import AUDIT_LOG, NOTIFICATIONS, TASKS

_STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine; about a millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is there.

    `revision` is None for an empty database, `damage` where none was found; `is_thorough` says whether
    there was time to look at everything. `latest_at` is the time of the newest row, as the server that
    wrote it had it; `clock_at` what PostgreSQL's own clock shows.
    """

    kind: str
    revision: str | None
    damage: str | None
    is_thorough: bool
    latest_at: datetime | None
    clock_at: datetime | None


def examine(connection: Connection, *, patience_s: float) -> Examination:
    """Return what is there, after `patience_s` at most for the search for damage.

    Raises:
        MigrationError: If there are tables, but not ours.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    revision = revision_in(connection)
    damage, is_thorough = find_damage(connection, patience_s) if is_sqlite else (None, True)
    return Examination(
        kind=_kind(connection),
        revision=revision,
        damage=damage,
        is_thorough=is_thorough,
        latest_at=_latest(connection) if revision == HEAD and damage is None else None,
        clock_at=None if is_sqlite else connection.scalar(select(func.clock_timestamp())),
    )


def _kind(connection: Connection) -> str:
    name = "SQLite" if connection.dialect.name == "sqlite" else "PostgreSQL"
    return f"{name} {'.'.join(map(str, connection.dialect.server_version_info or ()))}"


def _latest(connection: Connection) -> datetime | None:
    columns = (TASKS.c.last_updated, NOTIFICATIONS.c.created_at, AUDIT_LOG.c.created_at)
    times = [connection.scalar(select(func.max(column))) for column in columns]
    return max((at for at in times if at is not None), default=None)
