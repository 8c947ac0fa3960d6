"""The users, sessions and keys that a transaction looks up and changes; what changed is handed on."""

from datetime import datetime

from sqlalchemy import Connection

from trainwatch.domain.credential import ApiKey, Credential, Session, User
from trainwatch.domain.events import CredentialChanged
from trainwatch.store import credentials


class CredentialBook:
    """Belongs to the writer's thread. They are few and seldom change, so each change is written at once."""

    def __init__(self, connection: Connection) -> None:
        """Write on `connection`."""
        self._connection = connection
        self.settle()

    def settle(self) -> None:
        """Forget what was changed; it is committed and handed on, or undone."""
        self.told: list[CredentialChanged] = []
        """Every change of this transaction, in order."""

    def find(self, kind: type[credentials.C], credential_id: int) -> credentials.C | None:
        """Return the user, session or key of that id, ended or not."""
        return credentials.find_credential(self._connection, kind, credential_id)

    def users(self) -> list[User]:
        """Return every user, those who were removed too."""
        return credentials.list_users(self._connection)

    def keys_labelled(self, label: str) -> list[ApiKey]:
        """Return the keys with that label, ended or not."""
        return credentials.keys_labelled(self._connection, label)

    def has_key(self, *, prefix: str) -> bool:
        """Whether there is a key with that prefix, ended or not."""
        return credentials.has_key(self._connection, prefix)

    def all_keys(self) -> list[ApiKey]:
        """Return every key, ended or not."""
        return credentials.list_keys(self._connection)

    def sessions(self, *, now: datetime) -> list[Session]:
        """Return the sessions that are neither revoked nor expired at `now`."""
        return credentials.list_sessions(self._connection, now=now)

    def add(self, credential: credentials.C) -> credentials.C:
        """Insert a user, session or key, whatever its id says, and return it with the id that it got."""
        added = credentials.add_credential(self._connection, credential)
        self.told.append(CredentialChanged(added))
        return added

    def change(self, credential: Credential, *, is_use: bool = False) -> None:
        """Write a user, session or key as it stands now; `is_use` if it only was seen."""
        credentials.change_credential(self._connection, credential)
        self.told.append(CredentialChanged(credential, is_use=is_use))

    def forget_key(self, key: ApiKey) -> None:
        """Delete a key, which has been revoked."""
        credentials.forget_key(self._connection, key)
        self.told.append(CredentialChanged(key, is_forgotten=True))

    def forget_sessions(self, *, before: datetime) -> int:
        """Delete the sessions that ended before a time; return how many."""
        return credentials.forget_sessions(self._connection, before=before)
