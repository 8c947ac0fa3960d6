"""What the settings page asks of the door."""

import asyncio

from trainwatch.domain.audit import AuditEntry
from trainwatch.domain.credential import Scope
from trainwatch.door.identity import Door, Identity
from trainwatch.door.revocations import Revocations
from trainwatch.errors import BadRequestError, UnavailableError
from trainwatch.services.access_views import (
    AUDIT_PAGE,
    AuditView,
    KeyView,
    MeView,
    SessionView,
    audit_view,
    key_view,
    me_view,
    session_view,
)
from trainwatch.services.keys import create_key
from trainwatch.services.pending_writes import NOT_WRITTEN
from trainwatch.store.audit import list_audit
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


class FrontDesk:
    """The `Access` of the page's states."""

    def __init__(self, database: Database, writer: Writer, door: Door, revocations: Revocations) -> None:
        """Look at what `door` knows, and change it through `writer` and `revocations`."""
        self._database = database
        self._writer = writer
        self._door = door
        self._revocations = revocations

    async def me(self, caller: Identity) -> MeView:
        """Return the caller."""
        return me_view(caller.actor, caller.rights)

    async def sessions(self, caller: Identity) -> list[SessionView]:
        """Return every browser that is signed in, the caller's own first, then the last seen first."""
        keyring = self._door.keyring
        mine = _session_of(caller)
        sessions = sorted(
            keyring.sessions(self._door.clock()),
            key=lambda session: (session.id == mine, session.last_seen_at),
            reverse=True,
        )
        names = {user.id: user.name for user in keyring.users()}
        return [session_view(each, names.get(each.user_id, ""), is_mine=each.id == mine) for each in sessions]

    async def keys(self) -> list[KeyView]:
        """Return every key that was not revoked, expired ones too, the newest first."""
        now = self._door.clock()
        keys = [key for key in self._door.keyring.all_keys() if key.revoked_at is None]
        return [key_view(key, now=now) for key in reversed(keys)]

    async def audit(self, before: int | None) -> list[AuditView]:
        """Return the newest lines of the audit log, at most `AUDIT_PAGE`; with `before`, older than that line."""

        def read() -> list[AuditEntry]:
            with self._database.reading() as connection:
                return list_audit(connection, before=before, limit=AUDIT_PAGE)

        return [audit_view(entry) for entry in await asyncio.to_thread(read)]

    async def create_key(
        self, caller: Identity, *, scope: str, label: str, expires_in_days: int | None
    ) -> str:
        """Make a key and return it; nobody can read it again."""
        if scope not in list(Scope):
            raise BadRequestError(f"scope must be one of {', '.join(Scope)}", field="scope")
        _, text = await self._writer.submit(
            lambda work: create_key(
                work, caller.actor, scope=Scope(scope), label=label, expires_in_days=expires_in_days
            )
        )
        return text

    async def revoke_key(self, caller: Identity, key_id: int) -> None:
        """End a key at once."""
        _require(is_written=await self._revocations.revoke_key(caller.actor, key_id))

    async def revoke_session(self, caller: Identity, session_id: int) -> None:
        """Sign a browser out at once."""
        _require(is_written=await self._revocations.revoke_session(caller.actor, session_id))

    async def revoke_other_sessions(self, caller: Identity) -> None:
        """Sign every browser out but the caller's."""
        _, is_written = await self._revocations.revoke_sessions(caller.actor, but=_session_of(caller))
        _require(is_written=is_written)


def _require(*, is_written: bool) -> None:
    """Tell a person where what was done is not written down yet."""
    if not is_written:
        raise UnavailableError(NOT_WRITTEN)


def _session_of(caller: Identity) -> int | None:
    return caller.actor.id if caller.actor.kind == "session" else None
