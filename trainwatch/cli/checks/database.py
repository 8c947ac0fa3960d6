"""The database: whether it can be read, is whole, and is of this version; and who could come in by it."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from trainwatch.cli.checks.finding import Finding, note, ok, problem
from trainwatch.cli.options import place_of
from trainwatch.domain.credential import named_alike
from trainwatch.door.cookie import cookie_name
from trainwatch.door.founding import load_keyring
from trainwatch.door.keyring import Keyring
from trainwatch.errors import TrainwatchError
from trainwatch.settings import Settings
from trainwatch.store.credentials import find_instance
from trainwatch.store.damage import is_empty, way_out
from trainwatch.store.engine import is_in_use, open_untouched, reason_of
from trainwatch.store.examination import Examination, examine
from trainwatch.store.schema import HEAD, known_revisions, migrations_folder
from trainwatch.strict_modes import user_name

PATIENCE_S = 10.0
"""How long to look for damage; a large file takes longer, and nobody waits for that."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and what other checks go by: None where it could not be told.

    `cookie` is the name by which a server on this database can be told from others.
    """

    findings: list[Finding]
    examination: Examination | None = None
    has_credential: bool | None = None
    cookie: str | None = None


def check_database(settings: Settings, now: datetime) -> Checked:
    """Return what is to be said of the database."""
    try:
        return _look(settings, now) if settings.database else _look_at_file(settings, now)
    except (TrainwatchError, SQLAlchemyError, OSError) as error:
        return Checked(
            [problem("database", f"{place_of(settings)}: {_reason(error)}", _advice(settings, error))]
        )


def _look_at_file(settings: Settings, now: datetime) -> Checked:
    path = settings.database_path
    if not path.exists():
        found = ok("database", f"{path} is not there yet; the first start makes it")
        return Checked([found], has_credential=False)
    if is_empty(path):
        found = problem(
            "database", f"{path} is empty (0 bytes), by some accident", way_out(path, settings.data_dir)
        )
        return Checked([found])
    if (refused := check_rights(path)) is not None:
        return Checked([refused])
    was_in_use = is_in_use(path)
    checked = _look(settings, now)
    if is_in_use(path) and not was_in_use:
        return _look(settings, now)  # a server has just opened it, and what it writes looks like damage
    return checked


def check_rights(path: Path) -> Finding | None:
    """Return what keeps us from the file: SQLite tells of that as it does of damage."""
    try:
        path.open("r+b").close()
    except PermissionError:
        owner, we = user_name(path.stat().st_uid), user_name(os.geteuid())
        found = f"{path} belongs to {owner}, and {we} may not read and write it"
        advice = f"chmod u+rw {path}" if owner == we else f"chown {we} {path}, or run trainwatch as {owner}"
        return problem("database", found, advice)
    return None


def _look(settings: Settings, now: datetime) -> Checked:
    database = open_untouched(settings.database_location)
    try:
        with database.reading() as connection:
            examination = examine(connection, patience_s=PATIENCE_S)
            checked = Checked(_about(examination, settings), examination)
            if examination.revision != HEAD or examination.damage:
                return checked
            name = find_instance(connection)
        keyring = load_keyring(database, now)
    finally:
        database.close()
    return replace(
        checked,
        findings=[*checked.findings, *_about_users(keyring)],
        has_credential=keyring.has_credential(now),
        cookie=cookie_name(name) if name else None,
    )


def _about_users(keyring: Keyring) -> list[Finding]:
    """Return a note where an older version has made users whose names can be mistaken for each other."""
    users = keyring.users()
    alike = [user.name for user in users if len(named_alike(users, user.name)) > 1]
    if not alike:
        return []
    advice = "add them under other names, then `trainwatch user remove NAME`"
    return [note("users", f"names that differ in case only: {', '.join(alike)}", advice)]


def _reason(error: Exception) -> str:
    if isinstance(error, TrainwatchError):
        return error.message
    return error.strerror or str(error) if isinstance(error, OSError) else reason_of(error)


def _advice(settings: Settings, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "run trainwatch as the user that it belongs to"
    if settings.database is None:
        return way_out(settings.database_path, settings.data_dir)
    return "see that PostgreSQL runs, and that user, password and name in the URL are right"


def _about(examination: Examination, settings: Settings) -> list[Finding]:
    whole = [_about_damage(examination, settings)] if settings.database is None else []
    return [_about_revision(examination, f"{examination.kind}, {place_of(settings)}"), *whole]


def _about_revision(examination: Examination, what: str) -> Finding:
    revision = examination.revision
    if revision is None:
        return ok("database", f"{what}: empty; the first start makes its tables")
    if revision == HEAD:
        return ok("database", f"{what}: revision {revision}")
    if revision in known_revisions(migrations_folder()):
        advice = f"`trainwatch serve` or `trainwatch migrate` brings it to {HEAD}, after a backup"
        return note("database", f"{what}: revision {revision}, older than this program", advice)
    return problem(
        "database",
        f"{what}: revision {revision}, made by a newer TrainWatch than this one (which knows {HEAD})",
        "install the newer one again, or name another database",
    )


def _about_damage(examination: Examination, settings: Settings) -> Finding:
    if examination.damage is not None:
        advice = f"stop the server, then {way_out(settings.database_path, settings.data_dir)}"
        return problem("contents", f"damaged: {examination.damage}", advice)
    if not examination.is_thorough:
        advice = "to look at all of it: sqlite3 trainwatch.db 'PRAGMA quick_check'"
        return note(
            "contents", f"no damage found in {PATIENCE_S:g} s; it is too large to look at all of it", advice
        )
    return ok("contents", "no damage found")
