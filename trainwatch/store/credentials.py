"""Users, sessions and keys: to and from rows. Few, and all held in memory by the door."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update

from trainwatch.domain.credential import ApiKey, Credential, Scope, Session, User
from trainwatch.store.tables import API_KEYS, INSTANCE, SESSIONS, USERS
from trainwatch.store.tasks import LARGEST_ID

C = TypeVar("C", User, Session, ApiKey)

_TABLES: dict[type[Credential], Table] = {User: USERS, Session: SESSIONS, ApiKey: API_KEYS}


def find_instance(connection: Connection) -> str | None:
    """Return the name that the database has among others; None before it got one."""
    name: str | None = connection.scalar(select(INSTANCE.c.id))
    return name


def name_instance(connection: Connection, name: str, *, now: datetime) -> None:
    """Give the database its name, once and for all."""
    connection.execute(insert(INSTANCE).values(id=name, created_at=now))


def add_credential(connection: Connection, credential: C) -> C:
    """Insert `credential`, whatever its id says, and return it with the id that it got."""
    table = _TABLES[type(credential)]
    row = asdict(credential)
    del row["id"]
    statement = insert(table).values(row).returning(*table.c)
    return _read(type(credential), connection.execute(statement).one())


def change_credential(connection: Connection, credential: Credential) -> None:
    """Write `credential` as it stands now."""
    table = _TABLES[type(credential)]
    row = asdict(credential)
    connection.execute(update(table).where(table.c.id == row.pop("id")).values(row))


def find_credential(connection: Connection, kind: type[C], credential_id: int) -> C | None:
    """Return the user, session or key of that id, ended or not."""
    if not 0 < credential_id <= LARGEST_ID:
        return None
    table = _TABLES[kind]
    row = connection.execute(select(table).where(table.c.id == credential_id)).first()
    return None if row is None else _read(kind, row)


def list_users(connection: Connection) -> list[User]:
    """Return every user, the first one first."""
    return _list(connection, User)


def list_sessions(connection: Connection, *, now: datetime) -> list[Session]:
    """Return the sessions that are neither revoked nor expired."""
    columns = SESSIONS.c
    query = (
        select(SESSIONS).where(columns.revoked_at.is_(None), columns.expires_at > now).order_by(columns.id)
    )
    return [_read(Session, row) for row in connection.execute(query)]


def list_keys(connection: Connection) -> list[ApiKey]:
    """Return every key, the first one first; those that ended as well."""
    return _list(connection, ApiKey)


def forget_key(connection: Connection, key: ApiKey) -> None:
    """Delete a key."""
    connection.execute(delete(API_KEYS).where(API_KEYS.c.id == key.id))


def keys_labelled(connection: Connection, label: str) -> list[ApiKey]:
    """Return the keys with that label, ended or not."""
    rows = connection.execute(select(API_KEYS).where(API_KEYS.c.label == label))
    return [_read(ApiKey, row) for row in rows]


def has_key(connection: Connection, prefix: str) -> bool:
    """Whether there is a key with that prefix, ended or not."""
    return connection.scalar(select(API_KEYS.c.id).where(API_KEYS.c.prefix == prefix)) is not None


def forget_sessions(connection: Connection, *, before: datetime) -> int:
    """Delete the sessions that ended before a time; return how many."""
    columns = SESSIONS.c
    ended = or_(columns.revoked_at < before, columns.expires_at < before)
    return connection.execute(delete(SESSIONS).where(ended)).rowcount


def _list(connection: Connection, kind: type[C]) -> list[C]:
    table = _TABLES[kind]
    return [_read(kind, row) for row in connection.execute(select(table).order_by(table.c.id))]


def _read(kind: type[C], row: Row[Any]) -> C:
    facts = dict(zip(_TABLES[kind].c.keys(), row, strict=True))
    if "scope" in facts:
        facts["scope"] = Scope(facts["scope"])
    return kind(**facts)
