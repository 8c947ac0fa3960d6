"""Browsers that signed in, and how they are signed out."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import ApiKey, Session, User
from trainwatch.domain.secret import SECRET_BYTES, digest_of, write_secret
from trainwatch.domain.text import clean_line
from trainwatch.errors import NotFoundError, UnauthorizedError
from trainwatch.store.work import Work

LASTS = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=30)
_LONGEST_BROWSER = 300


def open_session(
    work: Work, user: User, *, address: str | None, browser: str | None, way: str
) -> tuple[Session, str]:
    """Sign `user` in and return the session with its cookie, which is kept nowhere.

    `browser` is the User-Agent that it sent, `way` how the person proved to be the user: "link" or "password".

    Raises:
        UnauthorizedError: If the user is not as `user` says any more: removed, or with another password.
    """
    if work.credentials.find(User, user.id) != user:
        raise UnauthorizedError("this user was changed a moment ago; sign in again")
    cookie = write_secret(secrets.token_bytes(SECRET_BYTES))
    session = work.credentials.add(
        Session(
            id=0,
            user_id=user.id,
            digest=digest_of(cookie),
            address=address,
            browser=clean_line(browser)[:_LONGEST_BROWSER] if browser else None,
            created_at=work.now,
            last_seen_at=work.now,
            expires_at=work.now + LASTS,
        )
    )
    work.audit(Actor("session", user.name, session.id, address), "signed in", f"with a {way}")
    return session, cookie


def revoke_session(work: Work, actor: Actor, session_id: int) -> Session:
    """End a session; ending it again changes nothing.

    Raises:
        NotFoundError: If there is no such session.
    """
    session = work.credentials.find(Session, session_id)
    if session is None:
        raise NotFoundError(f"there is no session {session_id}", field="id")
    if session.is_valid(work.now):
        session = _end(work, session)
        is_own = actor.kind == "session" and actor.id == session.id
        work.audit(actor, "signed out" if is_own else "revoked session", f"session {session.id}")
    return session


def revoke_sessions(
    work: Work,
    actor: Actor,
    *,
    of_user: int | None = None,
    but: int | None = None,
    only: Collection[int] | None = None,
) -> int:
    """End all sessions, or those of one user, or `only` those of some ids, but the one of the id `but`; return how many."""
    sessions = [
        session
        for session in work.credentials.sessions(now=work.now)
        if session.id != but
        and (of_user is None or session.user_id == of_user)
        and (only is None or session.id in only)
    ]
    for session in sessions:
        _end(work, session)
    if sessions:
        work.audit(actor, "revoked sessions", ", ".join(f"session {session.id}" for session in sessions))
    return len(sessions)


def note_use(work: Work, sessions: Mapping[int, datetime], keys: Mapping[int, datetime]) -> None:
    """Keep when sessions and keys, by their ids, were seen last."""
    for session_id, at in sessions.items():
        if session := work.credentials.find(Session, session_id):
            work.credentials.change(replace(session, last_seen_at=at), is_use=True)
    for key_id, at in keys.items():
        if key := work.credentials.find(ApiKey, key_id):
            work.credentials.change(replace(key, last_used_at=at), is_use=True)


def forget_sessions(work: Work) -> int:
    """Delete the sessions that ended long ago; return how many."""
    return work.credentials.forget_sessions(before=work.now - FORGOTTEN_AFTER)


def _end(work: Work, session: Session) -> Session:
    ended = replace(session, revoked_at=work.now)
    work.credentials.change(ended)
    return ended
