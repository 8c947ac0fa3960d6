"""Whether the database has the tables that this program wants, and what to do if not."""

import re
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.errors import MigrationError
from trainwatch.store.backup import back_up
from trainwatch.store.ddl import changing_tables
from trainwatch.store.engine import Database, reason_of
from trainwatch.store.tables import APPEND_ONLY, METADATA, TRAINING_METRICS_VIEW

HEAD = "0011"
"""The revision of `store.tables`: the last one in the folder of migrations, as a test checks."""

BACKUPS_KEPT = 3

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

    The SQLite file is backed up into `data_dir` before it is migrated. Whoever calls owns the
    data (see `store.lock`). All of it happens or nothing.

    Raises:
        MigrationError: If the database is newer than this program, is not ours, or the migration fails.
    """
    try:
        found = current_revision(database)
        if found is None:
            create_tables(database)
        if found is None or found == head:
            return None
        _migrate(database, data_dir, now, migrations or migrations_folder(), (found, head))
    except (SQLAlchemyError, OSError) as error:
        raise MigrationError(
            f"the database could not be brought up to date, it is as it was: {reason_of(error)}"
        ) from error
    return found


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
    """Keep a copy beside the others and drop the oldest; names sort by revision, then time."""
    assert database.path is not None
    prefix = f"{database.path.name}.backup-"
    back_up(database, data_dir / f"{prefix}{label}")
    kept = sorted(path for path in data_dir.iterdir() if path.name.startswith(prefix))
    for old in kept[:-BACKUPS_KEPT]:
        old.unlink()
