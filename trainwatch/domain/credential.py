"""Who has been let in: users, the sessions of their browsers, and the keys of programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """How far a key or a user reaches; `door.rights` says what each may do."""

    READ = "read"
    INGEST = "ingest"
    TRAINING = "training"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person; without `password_hash` only one-time links let them in."""

    id: int
    name: str
    scope: Scope
    password_hash: str | None
    created_at: datetime
    removed_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the person may still come in; no time changes that."""
        return self.removed_at is None


def named_alike(users: Iterable[User], name: str) -> list[User]:
    """Return the users whose names differ from `name` in case at most, one who is written so first."""
    alike = [user for user in users if user.name.casefold() == name.casefold()]
    return sorted(alike, key=lambda user: user.name != name)


def user_named(users: Iterable[User], name: str) -> User | None:
    """Return the user of that name in whatever case; where older databases have several, the one who is written so."""
    alike = named_alike(users, name)
    is_clear = len(alike) == 1 or (alike and alike[0].name == name)
    return alike[0] if is_clear else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that signed in; its cookie is known by `digest` alone."""

    id: int
    user_id: int
    digest: str
    address: str | None
    browser: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A program's key: found by its public `prefix`, known by `digest` alone; `expires_at` None means never.

    One with a `task_id`, as jobs are given, reports about that task only.
    """

    id: int
    prefix: str
    digest: str
    scope: Scope
    label: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    task_id: int | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


Credential = User | Session | ApiKey
