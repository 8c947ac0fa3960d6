"""Every valid credential, in memory: the guard asks with each request, and may not wait for a database."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import ApiKey, Credential, Session, User, user_named
from trainwatch.domain.secret import digest_of, prefix_of

_NOTED_EVERY = timedelta(minutes=1)


def has_been_ended(credential: Credential) -> bool:
    """Whether somebody has ended a user, session or key; that its time is over is something else."""
    if isinstance(credential, User):
        return credential.removed_at is not None
    return credential.revoked_at is not None


class Keyring:
    """Knows users, sessions and keys as they stand after the last commit; belongs to the event loop."""

    def __init__(self, credentials: Iterable[Credential] = ()) -> None:
        """Start with `credentials`; `put` tells of every change from then on."""
        self._users: dict[int, User] = {}
        self._sessions: dict[int, Session] = {}
        self._session_ids: dict[str, int] = {}
        self._keys: dict[int, ApiKey] = {}
        self._key_ids: dict[str, int] = {}
        self._seen_sessions: dict[int, datetime] = {}
        self._seen_keys: dict[int, datetime] = {}
        self._ended: dict[tuple[type[Credential], int], Credential] = {}
        for credential in credentials:
            self.put(credential)

    def end(self, credential: Credential) -> None:
        """Know `credential` as ended, whatever the database says of it before it knows that too."""
        self.put(credential)
        self._ended[type(credential), credential.id] = credential

    def put(self, credential: Credential) -> None:
        """Know `credential` as it stands now."""
        name = (type(credential), credential.id)
        if has_been_ended(credential):
            self._ended.pop(name, None)
        credential = self._ended.get(name, credential)
        match credential:
            case User():
                self._users[credential.id] = credential
            case Session():
                self._sessions[credential.id] = credential
                self._session_ids[credential.digest] = credential.id
            case ApiKey():
                self._keys[credential.id] = credential
                self._key_ids[credential.prefix] = credential.id

    def forget(self, credential: Credential) -> None:
        """Know nothing more of `credential`, a key."""
        if isinstance(credential, ApiKey):
            self._keys.pop(credential.id, None)
            self._key_ids.pop(credential.prefix, None)
            self._seen_keys.pop(credential.id, None)

    def drop_ended(self, now: datetime) -> None:
        """Forget the sessions that ended."""
        for session in [each for each in self._sessions.values() if not each.is_valid(now)]:
            del self._sessions[session.id], self._session_ids[session.digest]

    def user(self, user_id: int) -> User | None:
        """Return the user of that id."""
        return self._users.get(user_id)

    def users(self) -> list[User]:
        """Return the users who were not removed."""
        return [user for user in self._users.values() if user.removed_at is None]

    def user_named(self, name: str) -> User | None:
        """Return the user of that name in whatever case, unless removed."""
        return user_named(self.users(), name)

    def all_keys(self) -> list[ApiKey]:
        """Return every key, those that ended as well, the first one first."""
        return list(self._keys.values())

    def sessions(self, now: datetime) -> list[Session]:
        """Return the valid sessions, the first one first."""
        return [session for session in self._sessions.values() if session.is_valid(now)]

    def has_credential(self, now: datetime) -> bool:
        """Whether anybody far away could come in: by a password, a key or a session."""
        return (
            any(user.password_hash for user in self.users())
            or any(key.is_valid(now) for key in self._keys.values())
            or bool(self.sessions(now))
        )

    def key_of(self, text: str, now: datetime) -> ApiKey | None:
        """Return the valid key that `text` is, and note its use."""
        key = self._keys.get(self._key_ids.get(prefix_of(text), 0))
        if key is None or not hmac.compare_digest(key.digest, digest_of(text)) or not key.is_valid(now):
            return None
        self._seen_keys[key.id] = now
        return key

    def session_of(self, cookie: str, now: datetime) -> tuple[Session, User] | None:
        """Return the valid session that `cookie` is for, with its user, and note its use."""
        session = self._sessions.get(self._session_ids.get(digest_of(cookie), 0))
        if session is None or not session.is_valid(now):
            return None
        user = self._users.get(session.user_id)
        if user is None or not user.is_valid(now):
            return None
        self._seen_sessions[session.id] = now
        return session, user

    def still_knows(self, actor: Actor, now: datetime) -> bool:
        """Whether what `actor` came in with, if it was a key or a session, is still valid."""
        match actor:
            case Actor(kind="key", id=int(key_id)):
                return (key := self._keys.get(key_id)) is not None and key.is_valid(now)
            case Actor(kind="session", id=int(session_id)):
                return (session := self._sessions.get(session_id)) is not None and session.is_valid(now)
            case _:
                return True

    def next_end(self, now: datetime) -> datetime | None:
        """Return when the time of a session or key will be over next; None if none ends by itself."""
        those = (*self._sessions.values(), *self._keys.values())
        return min(
            (each.expires_at for each in those if each.expires_at and each.is_valid(now)), default=None
        )

    def take_uses(self) -> tuple[dict[int, datetime], dict[int, datetime]]:
        """Return when sessions and keys were seen, of those where a minute has passed since it was kept."""
        sessions = {
            each: at
            for each, at in self._seen_sessions.items()
            if (session := self._sessions.get(each)) and at - session.last_seen_at >= _NOTED_EVERY
        }
        keys = {
            each: at
            for each, at in self._seen_keys.items()
            if (last := self._keys[each].last_used_at) is None or at - last >= _NOTED_EVERY
        }
        self._seen_sessions.clear()
        self._seen_keys.clear()
        return sessions, keys
