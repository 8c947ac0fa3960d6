"""Passwords: argon2id with the parameters that pwdlib recommends. Each takes tens of milliseconds: use a thread."""

import secrets
from functools import lru_cache

from pwdlib import PasswordHash

from trainwatch.errors import BadRequestError

SHORTEST = 10
LONGEST = 1_000


def hash_password(password: str) -> str:
    """Return what is kept of a password.

    Raises:
        BadRequestError: If it is shorter than 10 characters or longer than 1,000.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequestError(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
    return _hasher().hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is right; takes as long where there is no user as where there is one."""
    if len(password) > LONGEST:
        return False
    is_right = _hasher().verify(password, password_hash or _nobodys())
    return is_right and bool(password_hash)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex())
