"""Whether the database has the tables that this program wants, and what to do if not."""

import os
import re
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.errors import MigrationError
from trainwatch.store.backup import back_up, sync
from trainwatch.store.damage import (
    PARTIAL,
    backup_path,
    backups_of,
    damaged,
    find_damage,
    refusal,
    refuse_empty,
)
from trainwatch.store.ddl import changing_tables
from trainwatch.store.engine import Database, open_database, reason_of
from trainwatch.store.tables import APPEND_ONLY, METADATA, TRAINING_METRICS_VIEW

HEAD = "0012"
"""The revision of `store.tables`: the last one in the folder of migrations, as a test checks."""

BACKUPS_KEPT = 3

_GLANCE_S = 0.2
"""How long a start looks for damage: a small database is looked at as a whole, of a large one a part."""

_PACKAGE = Path(__file__).parents[1]
_REVISION_FILE = re.compile(r"(\d{4})_\w+\.py")
_VERSION_TABLE = """\
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""

log = structlog.get_logger()


def migrations_folder() -> Path:
    """Return where the migrations are: inside the package if installed, beside it in a checkout."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


def known_revisions(migrations: Path) -> list[str]:
    """Return the revisions in order; their numbers are in the file names, so Alembic is not needed."""
    names = (path.name for path in (migrations / "versions").iterdir())
    return sorted(match[1] for name in names if (match := _REVISION_FILE.fullmatch(name)))


def current_revision(database: Database) -> str | None:
    """Return the revision that the database has; None if it is empty.

    Raises:
        MigrationError: If it holds something that is not TrainWatch's.
    """
    with database.writing() as connection:
        return revision_in(connection)


def revision_in(connection: Connection) -> str | None:
    """Return the revision of the tables; None if there are none.

    Raises:
        MigrationError: If there are tables that are not TrainWatch's.
    """
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if found is not None:
            return found
    if tables - {"alembic_version"}:
        raise MigrationError("the database holds tables, but not those of TrainWatch; name another one")
    return None


def bring_up_to_date(
    database: Database,
    data_dir: Path,
    *,
    now: datetime,
    migrations: Path | None = None,
    head: str = HEAD,
) -> str | None:
    """Create or migrate the tables if need be; return the revision they were migrated from, if any.

    The SQLite file is made if there is none, and backed up into `data_dir` before it is migrated. Whoever
    calls owns the data (see `store.lock`). All of it happens or nothing.

    Raises:
        MigrationError: If the database is newer than this program, empty, damaged as far as a quick look
            tells, or not ours, or the migration fails.
    """
    path = database.path
    try:
        if path is not None:
            refuse_empty(path, data_dir)
            if not path.exists():
                _make_file(path)
            _refuse_damaged(database, path, data_dir)
        found = current_revision(database)
        if found is None:
            create_tables(database)
        if found is None or found == head:
            return None
        _migrate(database, data_dir, now, migrations or migrations_folder(), (found, head))
    except (SQLAlchemyError, OSError) as error:
        raise (path and refusal(error, path, data_dir)) or MigrationError(
            f"the database could not be brought up to date, it is as it was: {reason_of(error)}"
        ) from error
    return found


def _make_file(path: Path) -> None:
    """Make an SQLite file with its tables, for its owner alone; it appears under its name only when it is whole."""
    draft = path.with_name(f"{path.name}.new")
    for left in (draft, draft.with_name(f"{draft.name}-journal")):  # of a start that was killed
        left.unlink(missing_ok=True)
    os.close(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    )  # SQLite's own would be for everybody
    database = open_database(draft)
    create_tables(database)
    database.close()
    draft.replace(path)
    sync(path.parent)


def _refuse_damaged(database: Database, path: Path, data_dir: Path) -> None:
    with database.writing() as connection:
        damage, _ = find_damage(connection, _GLANCE_S)
    if damage is not None:
        raise damaged(damage, path, data_dir)


def create_tables(database: Database) -> None:
    """Create every table in an empty database, all of them or none.

    This leaves the same as all migrations in a row, without Alembic; a test compares the two.
    """
    with changing_tables(database) as connection:
        METADATA.create_all(connection)
        for statement in (TRAINING_METRICS_VIEW, *APPEND_ONLY[database.dialect]):
            connection.exec_driver_sql(statement)
        connection.execute(text(_VERSION_TABLE))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": HEAD})
    log.info("database_created", revision=HEAD)


def _migrate(
    database: Database, data_dir: Path, now: datetime, migrations: Path, way: tuple[str, str]
) -> None:
    from trainwatch.store.migrate import upgrade  # noqa: PLC0415  Alembic stays out of a usual start

    found, head = way
    if found not in known_revisions(migrations):
        raise MigrationError(
            f"the database was made by a newer TrainWatch (its tables are of version {found}, this program"
            f" knows them up to {head}): install the newer one again, or name another database"
        )
    if database.path is not None:
        _keep_backup(database, data_dir, f"{found}-{now:%Y%m%dT%H%M%SZ}")
    upgrade(database, migrations, head)
    log.info("database_migrated", from_revision=found, to_revision=head)


def _keep_backup(database: Database, data_dir: Path, label: str) -> None:
    """Keep a copy beside the others and drop the oldest."""
    path = database.path
    assert path is not None
    for torso in data_dir.glob(f"{path.name}.backup-*{PARTIAL}"):  # of a start that was killed
        torso.unlink()
    back_up(database, backup_path(path, data_dir, label))
    for old in backups_of(path, data_dir)[:-BACKUPS_KEPT]:
        old.unlink()
