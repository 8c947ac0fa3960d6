"""Keys for programs: made, shown once, revoked."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import ApiKey, Scope
from trainwatch.domain.secret import PREFIX_LENGTH, SECRET_BYTES, digest_of, read_key, write_key
from trainwatch.domain.text import is_line, is_storable
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.store.work import Work

LONGEST_LABEL = 100
LONGEST_DAYS = 3_650
JOB_KEY_DAYS = 365

_SERVER = "the server"


def create_key(
    work: Work, actor: Actor, *, scope: Scope, label: str, expires_in_days: int | None = None
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is kept nowhere.

    Raises:
        BadRequestError: If the label is empty, too long or more than a line, or the days are not 1 to 3,650.
    """
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL or not is_storable(label) or not is_line(label):
        raise BadRequestError(
            f"label must be text of 1 to {LONGEST_LABEL} characters, in one line", field="label"
        )
    if expires_in_days is not None and not 1 <= expires_in_days <= LONGEST_DAYS:
        raise BadRequestError(f"expiresInDays must be from 1 to {LONGEST_DAYS}", field="expiresInDays")
    ends_at = None if expires_in_days is None else work.now + timedelta(days=expires_in_days)
    key, text = _make(work, scope, label, str(actor), ends_at)
    work.audit(actor, "created key", f"key {key.id} ({label}), scope {scope}")
    return key, text


def revoke_key(work: Work, actor: Actor, key_id: int) -> ApiKey:
    """End a key; ending it again changes nothing.

    Raises:
        NotFoundError: If there is no such key.
    """
    key = work.credentials.find(ApiKey, key_id)
    if key is None:
        raise NotFoundError(f"there is no key {key_id}", field="id")
    if key.revoked_at is None:
        key = replace(key, revoked_at=work.now)
        work.credentials.change(key)
        work.audit(actor, "revoked key", f"key {key.id} ({key.label})")
    return key


def give_job_key(work: Work, task_id: int, attempt: int) -> str:
    """Return a key with which the scripts of an attempt may report about its task; the attempt's end ends it."""
    ends_at = work.now + timedelta(days=JOB_KEY_DAYS)
    return _make(work, Scope.INGEST, _job_label(task_id, attempt), _SERVER, ends_at, task_id)[1]


def take_job_key(work: Work, task_id: int, attempt: int) -> None:
    """End the key of an attempt, if it has one, and forget it: jobs come and go, and nobody asks for their keys."""
    for key in work.credentials.keys_labelled(_job_label(task_id, attempt)):
        if key.created_by == _SERVER:
            work.credentials.forget_key(replace(key, revoked_at=work.now))


def _job_label(task_id: int, attempt: int) -> str:
    return f"job {task_id}, attempt {attempt}"


def _make(
    work: Work, scope: Scope, label: str, by: str, ends_at: datetime | None, task_id: int | None = None
) -> tuple[ApiKey, str]:
    text, prefix = _fresh(scope)
    while work.credentials.has_key(prefix=prefix):
        text, prefix = _fresh(scope)
    key = ApiKey(
        id=0,
        prefix=prefix,
        digest=digest_of(text),
        scope=scope,
        label=label,
        created_at=work.now,
        created_by=by,
        expires_at=ends_at,
        task_id=task_id,
    )
    return work.credentials.add(key), text


def _fresh(scope: Scope) -> tuple[str, str]:
    """Return the text of a new key, and its prefix."""
    text = write_key(scope, secrets.token_bytes(PREFIX_LENGTH + SECRET_BYTES))
    name = read_key(text)
    assert name is not None
    return text, name.prefix
