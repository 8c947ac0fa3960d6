"""Who may sign in: the owner by one-time links, and people that the owner adds."""

import re
from dataclasses import replace

from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import Scope, User, named_alike, user_named
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError
from trainwatch.services.sessions import revoke_sessions
from trainwatch.store.work import Work

OWNER = "owner"
"""The user that one-time links are for, unless they name another."""

LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


def add_user(work: Work, actor: Actor, name: str, *, scope: Scope, password_hash: str | None) -> User:
    """Add a person, or one who was removed again, and return the user. Names that differ in case only are one.

    Raises:
        BadRequestError: If the name is not 1 to 64 letters, digits or . _ @ -
        ConflictError: If there is such a user.
    """
    if not _NAME.fullmatch(name):
        raise BadRequestError("a name is 1 to 64 letters, digits or . _ @ -", field="name")
    alike = named_alike(work.credentials.users(), name)
    for known in alike:
        if known.is_valid(work.now):
            raise ConflictError(f"there is a user {known.name} already", field="name")
    if not alike:
        user = work.credentials.add(
            User(id=0, name=name, scope=scope, password_hash=password_hash, created_at=work.now)
        )
    else:
        again = replace(alike[0], name=name, scope=scope, password_hash=password_hash)
        user = replace(again, created_at=work.now, removed_at=None)
        work.credentials.change(user)
    work.audit(actor, "added user", f"{name}, scope {scope}")
    return user


def ensure_owner(work: Work) -> User:
    """Return the owner, who is there from the first start on."""
    owner = next((user for user in work.credentials.users() if user.name == OWNER), None)
    if owner is None:
        owner = work.credentials.add(
            User(id=0, name=OWNER, scope=Scope.ADMIN, password_hash=None, created_at=work.now)
        )
    return owner


def set_password(work: Work, actor: Actor, name: str, password_hash: str | None) -> User:
    """Give a user another password, or none, and sign the user out everywhere.

    Raises:
        NotFoundError: If there is no such user.
    """
    user = replace(_valid(work, name), password_hash=password_hash)
    work.credentials.change(user)
    work.audit(actor, "set password" if password_hash else "took password away", user.name)
    revoke_sessions(work, actor, of_user=user.id)
    return user


def remove_user(work: Work, actor: Actor, name: str) -> User:
    """Let a user in no more, and sign the user out everywhere.

    Raises:
        NotFoundError: If there is no such user.
        ConflictError: If it is the owner, for whom there would be no way back.
    """
    user = _valid(work, name)
    if user.name == OWNER:
        raise ConflictError("the owner cannot be removed; take the password away instead", field="name")
    user = replace(user, removed_at=work.now, password_hash=None)
    work.credentials.change(user)
    work.audit(actor, "removed user", user.name)
    revoke_sessions(work, actor, of_user=user.id)
    return user


def _valid(work: Work, name: str) -> User:
    user = user_named((user for user in work.credentials.users() if user.is_valid(work.now)), name)
    if user is None:
        raise NotFoundError(f"there is no user {name}", field="name")
    return user
