"""How a browser becomes a session: a one-time link or a password for a cookie."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.credential import User
from trainwatch.door.addresses import neighbourhood
from trainwatch.door.audit_summary import AuditSummary
from trainwatch.door.guard import SIGN_IN
from trainwatch.door.identity import Door, Identity, Peer
from trainwatch.door.limits import Limits
from trainwatch.door.links import Links
from trainwatch.door.passwords import is_password
from trainwatch.door.revocations import Revocations
from trainwatch.errors import NotFoundError, RateLimitedError, UnauthorizedError
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.services.sessions import open_session, revoke_session
from trainwatch.services.users import LONGEST_NAME, OWNER
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

_HASHED_AT_ONCE = 2
"""Each password takes tens of milliseconds of a core, and tens of megabytes."""


@dataclass(frozen=True, slots=True)
class _Invited:
    """Whom a link lets in, as they were when `by` made it."""

    user: User
    by: Actor


class Reception:
    """Signs people in and out. Belongs to the event loop."""

    def __init__(
        self,
        door: Door,
        limits: Limits,
        writer: Writer,
        *,
        address: str,
        unset_clock: Callable[[], datetime] | None = None,
        revocations: Revocations | None = None,
    ) -> None:
        """Let in whom `door` knows; what happens is kept through `writer`, and `address` is where people come.

        Links last by `unset_clock`, which goes on evenly where the time of day is set.
        """
        self.address = address
        self.door = door
        self.audit = AuditSummary(writer)
        self.revocations = revocations or Revocations(door, writer, PendingWrites(writer))
        self._limits = limits
        self._writer = writer
        self._now = unset_clock or door.clock
        self._links = Links[_Invited]()
        self._hashing = asyncio.Semaphore(_HASHED_AT_ONCE)

    @property
    def takes_passwords(self) -> bool:
        """Whether anybody has a password."""
        return any(user.password_hash for user in self.door.keyring.users())

    def make_link(self, user_name: str = OWNER, *, by: Actor = CONSOLE) -> str:
        """Return the path of a one-time link for that user; it ends with the key or session that made it.

        The secret stands behind a #, so that no server, log or other site is told of it.

        Raises:
            NotFoundError: If there is no such user.
        """
        user = self.door.keyring.user_named(user_name)
        if user is None:
            raise NotFoundError(f"there is no user {user_name}", field="user")
        return f"{SIGN_IN}#{self._links.make(_Invited(user, by), self._now())}"

    async def sign_in_with_link(self, peer: Peer, secret: str) -> tuple[User, str | None]:
        """Return the user of a link, and the session's cookie; None where the browser is signed in as that user.

        A browser that was signed in as another is so no more.

        Raises:
            UnauthorizedError: If the link was used already, is too old or none of ours, or if its user was
                changed since, or whoever made it may no longer come in.
            RateLimitedError: If this address tries too often.
        """
        who = _place(peer)
        self._count_try(peer, who)
        user = self._invited(secret)
        if user is None:
            raise await self._refused(
                peer, "with a link", "this link was used already, or is older than 10 minutes"
            )
        self._limits.forgive_sign_in(who)
        return user, await self._open(user, peer, "link")

    async def sign_in_with_password(self, peer: Peer, name: str, password: str) -> tuple[User, str | None]:
        """Return the user of that name and a cookie, as `sign_in_with_link` does.

        Raises:
            UnauthorizedError: If name or password are wrong; does not tell which.
            RateLimitedError: If this address, or anybody with this name, tries too often.
        """
        who = (_place(peer), f"name {name.casefold()[:LONGEST_NAME]}")
        self._count_try(peer, *who)
        user = self.door.keyring.user_named(name)
        async with self._hashing:
            is_right = await asyncio.to_thread(is_password, password, user.password_hash if user else None)
        if user is None or not is_right:
            whom = (
                f"as {user.name}" if user else "under a name that nobody has"
            )  # it may be a password, mistyped
            raise await self._refused(peer, f"with a password, {whom}", "name or password are wrong")
        self._limits.forgive_sign_in(*who)
        return user, await self._open(user, peer, "password")

    async def sign_out(self, identity: Identity) -> None:
        """End the caller's session, if it has one."""
        actor = identity.actor
        if actor.kind == "session" and actor.id is not None:
            await self.revocations.revoke_session(actor, actor.id)

    def _invited(self, secret: str) -> User | None:
        """Return the user whom a link lets in, and let nobody use it again.

        A password that was changed, a user who was removed, a revoked key or session: whoever does that
        wants somebody out, who must not come back by a link that was made before.
        """
        keyring, now = self.door.keyring, self.door.clock()
        invited = self._links.take(secret, self._now())
        if invited is None or keyring.user(invited.user.id) != invited.user:
            return None
        return invited.user if keyring.still_knows(invited.by, now) else None

    async def _open(self, user: User, peer: Peer, way: str) -> str | None:
        browser, cookie = peer.headers.get("user-agent"), self.door.cookie_in(peer.headers)
        held = None if cookie is None else self.door.keyring.session_of(cookie, self.door.clock())
        if held is not None and held[1].id == user.id:
            return None

        def open_instead(work: Work) -> str:
            _, fresh = open_session(work, user, address=peer.address, browser=browser, way=way)
            if held is not None:  # its other tabs would go on as somebody who has left
                session, before = held
                revoke_session(work, Actor("session", before.name, session.id, peer.address), session.id)
            return fresh

        return await self._writer.submit(open_instead)

    def _count_try(self, peer: Peer, *who: str) -> None:
        try:
            self._limits.count_sign_in(*who)
        except RateLimitedError as error:
            self.audit.note_refusal(_stranger(peer), error)
            raise

    async def _refused(self, peer: Peer, way: str, why: str) -> UnauthorizedError:
        """Return the error, when the try is in the audit log or counted for it."""
        if (written := self.audit.note(_stranger(peer), "failed to sign in", way)) is not None:
            await written
        return UnauthorizedError(why)


def _stranger(peer: Peer) -> Actor:
    return Actor("stranger", "a stranger", None, peer.address)


def _place(peer: Peer) -> str:
    return f"address {neighbourhood(peer.address or '')}"
