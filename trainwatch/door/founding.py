"""The door of a database as the server finds it at its start."""

import secrets
from collections.abc import Callable
from datetime import datetime

from trainwatch.door.cookie import cookie_name
from trainwatch.door.identity import Door
from trainwatch.door.keyring import Keyring
from trainwatch.door.policy import policy_of
from trainwatch.services.users import ensure_owner
from trainwatch.settings import Settings
from trainwatch.store.credentials import (
    find_instance,
    list_keys,
    list_sessions,
    list_users,
    name_instance,
)
from trainwatch.store.engine import Database
from trainwatch.store.writer import run_once

_NAME_BYTES = 4


def found_door(database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> Door:
    """Return the door of `database`, whose owner and name are made if it has none yet.

    Whoever calls owns the database, and no writer runs yet.
    """
    instance = _name(database, clock())
    return Door(
        load_keyring(database, clock()), policy_of(settings), cookie_name=cookie_name(instance), clock=clock
    )


def load_keyring(database: Database, now: datetime) -> Keyring:
    """Return every credential that the database holds."""
    with database.reading() as connection:
        users, keys = list_users(connection), list_keys(connection)
        return Keyring([*users, *keys, *list_sessions(connection, now=now)])


def _name(database: Database, now: datetime) -> str:
    with database.reading() as connection:
        instance = find_instance(connection)
    if instance is not None:
        return instance
    run_once(database, ensure_owner, now=now)
    instance = secrets.token_hex(_NAME_BYTES)
    with database.writing() as connection:
        name_instance(connection, instance, now=now)
        connection.commit()
    return instance
