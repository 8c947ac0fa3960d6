"""Ending keys, sessions and users: at once in memory, and in the database as soon as it can be written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from trainwatch.domain.audit import Actor
from trainwatch.domain.credential import ApiKey, Credential, Session
from trainwatch.domain.events import CredentialChanged, Event
from trainwatch.door.identity import Door
from trainwatch.services.keys import revoke_key
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.services.sessions import revoke_session, revoke_sessions
from trainwatch.services.users import OWNER, remove_user
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

T = TypeVar("T")


class Revocations:
    """Belongs to the event loop. Each method returns whether what it did is written down.

    What is not holds as long as the server runs; one that is killed before then lets them in again.
    """

    def __init__(
        self,
        door: Door,
        writer: Writer,
        pending: PendingWrites,
        publish: Callable[[Sequence[Event]], None] = lambda events: None,
    ) -> None:
        """End what `door` knows; pages are told through `publish` of what could not be written at once."""
        self._door = door
        self._writer = writer
        self._pending = pending
        self._publish = publish

    async def revoke_key(self, actor: Actor, key_id: int) -> bool:
        """End a key; again changes nothing.

        Raises:
            NotFoundError: If there is no such key.
        """
        keys = [each for each in self._door.keyring.all_keys() if each.id == key_id]
        return await self._end(keys, lambda work: revoke_key(work, actor, key_id))

    async def revoke_session(self, actor: Actor, session_id: int) -> bool:
        """Sign a browser out; again changes nothing.

        Raises:
            NotFoundError: If there is no such session.
        """
        sessions = [each for each in self._sessions() if each.id == session_id]
        return await self._end(sessions, lambda work: revoke_session(work, actor, session_id))

    async def revoke_sessions(self, actor: Actor, *, but: int | None) -> tuple[int, bool]:
        """Sign every browser out but the one of the session `but`; return first how many."""
        sessions = [each for each in self._sessions() if each.id != but]
        ids = {each.id for each in sessions}
        return len(ids), await self._end(sessions, lambda work: revoke_sessions(work, actor, only=ids))

    async def remove_user(self, actor: Actor, name: str) -> bool:
        """Let a user in no more, and sign the user out everywhere.

        Raises:
            NotFoundError: If there is no such user.
            ConflictError: If it is the owner.
        """
        user = None if name == OWNER else self._door.keyring.user_named(name)
        those: list[Credential] = []
        if user is not None:
            those = [user, *(each for each in self._sessions() if each.user_id == user.id)]
        return await self._end(those, lambda work: remove_user(work, actor, name))

    def _sessions(self) -> list[Session]:
        return self._door.keyring.sessions(self._door.clock())

    async def _end(self, those: Sequence[Credential], record: Callable[[Work], T]) -> bool:
        if not those:  # nothing that is known can be ended: whatever is said of it, the database says
            await self._writer.submit(record, urgent=True)
            return True
        writing = self._pending.begin(record)
        ended = [self._ended(each) for each in those]
        for credential in ended:
            self._door.end(credential)
        is_written = await self._pending.is_written(writing)
        if not is_written:
            self._publish([CredentialChanged(credential) for credential in ended])
        return is_written

    def _ended(self, credential: Credential) -> Credential:
        now = self._door.clock()
        if isinstance(credential, (ApiKey, Session)):
            return credential if credential.revoked_at else replace(credential, revoked_at=now)
        return replace(credential, removed_at=now, password_hash=None)
