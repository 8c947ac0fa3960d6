"""The settings: who is signed in, which keys there are, and what was done."""

from collections.abc import Awaitable

import reflex as rx

from trainwatch.domain.credential import Scope
from trainwatch.door.rights import Right
from trainwatch.errors import BadRequestError, TrainwatchError
from trainwatch.services.access_views import AUDIT_PAGE, AuditView, KeyView, MeView, SessionView
from trainwatch.ui.rooms import ACCESS, EVERYONE
from trainwatch.ui.state.backend import access, backend
from trainwatch.ui.state.rights import needs
from trainwatch.ui.state.visitor import caller_of, greet

EXPIRIES: dict[str, int | None] = {"never": None, "30 days": 30, "90 days": 90, "1 year": 365}
"""How long a key may last: as the form says it, and in days."""


class Settings(rx.State):
    """What the page shows; everything but `me` is filled for those only who may manage it.

    `new_key` is a secret: it is here until it is dismissed or the page is entered again.
    """

    me: MeView = MeView()
    is_filled: bool = False
    sessions: list[SessionView] = []
    keys: list[KeyView] = []
    audit: list[AuditView] = []
    has_older: bool = False
    _audit_pages: int = 1
    is_making_key: bool = False
    new_key: str = ""
    new_key_label: str = ""
    new_key_scope: str = ""
    session_problem: str = ""
    key_problem: str = ""

    @rx.var
    def has_other_sessions(self) -> bool:
        """Whether any browser but this one is signed in."""
        return any(not session.is_mine for session in self.sessions)

    @rx.var
    def new_key_reports(self) -> bool:
        """Whether the new key may send reports, and so can be tried out by one."""
        return self.new_key_scope in (Scope.INGEST, Scope.OPERATE, Scope.ADMIN)

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Show what the visitor may see; nothing of an earlier visit stays."""
        self.reset()
        await greet(self)
        caller = caller_of(self)
        manages = Right.ADMIN in caller.rights
        rooms = [EVERYONE, ACCESS] if manages else [EVERYONE]
        await backend().join(self.router.session.session_id, rooms)
        self.me = await access().me(caller)
        if manages:
            await self._fill()
        self.is_filled = True

    @rx.event
    @needs(Right.ADMIN)
    async def refresh(self) -> None:
        """Show sessions, keys and the audit log as they are by now."""
        await self._fill()

    @rx.event
    @needs(Right.ADMIN)
    async def revoke_session(self, session_id: int) -> None:
        """Sign a browser out."""
        await self._change_sessions(access().revoke_session(caller_of(self), session_id))

    @rx.event
    @needs(Right.ADMIN)
    async def revoke_other_sessions(self) -> None:
        """Sign every browser out but this one."""
        await self._change_sessions(access().revoke_other_sessions(caller_of(self)))

    @rx.event
    @needs(Right.ADMIN)
    async def begin_key(self) -> None:
        """Open the form for a new key."""
        self.is_making_key, self.key_problem, self.new_key = True, "", ""

    @rx.event
    @needs(Right.ADMIN)
    async def give_up_key(self) -> None:
        """Close the form."""
        self.is_making_key, self.key_problem = False, ""

    @rx.event
    @needs(Right.ADMIN)
    async def create_key(self, label: str, scope: str, expiry: str) -> None:
        """Make a key and show it, once; a form that was sent twice makes one."""
        if not self.is_making_key:
            return
        try:
            if expiry not in EXPIRIES:
                raise BadRequestError(f"expiry must be one of: {', '.join(EXPIRIES)}", field="expiry")
            self.new_key = await access().create_key(
                caller_of(self), scope=scope, label=label, expires_in_days=EXPIRIES[expiry]
            )
        except TrainwatchError as error:
            self.key_problem = error.message
            return
        self.new_key_label, self.new_key_scope = label.strip(), scope
        self.is_making_key, self.key_problem = False, ""
        await self._fill()

    @rx.event
    @needs(Right.ADMIN)
    async def dismiss_key(self) -> None:
        """Forget the new key, which somebody has copied."""
        self.new_key = ""

    @rx.event
    @needs(Right.ADMIN)
    async def revoke_key(self, key_id: int) -> None:
        """End a key."""
        try:
            await access().revoke_key(caller_of(self), key_id)
        except TrainwatchError as error:
            self.key_problem = error.message
            return
        self.key_problem = ""
        await self._fill()

    @rx.event
    @needs(Right.ADMIN)
    async def show_older(self) -> None:
        """Add the lines of the audit log before those that are shown."""
        older = await access().audit(self.audit[-1].id if self.audit else None)
        self.audit = [*self.audit, *older]
        self._audit_pages += 1
        self.has_older = len(older) == AUDIT_PAGE

    async def _change_sessions(self, change: Awaitable[None]) -> None:
        try:
            await change
        except TrainwatchError as error:
            self.session_problem = error.message
            return
        self.session_problem = ""
        await self._fill()

    async def _fill(self) -> None:
        self.sessions = await access().sessions(caller_of(self))
        self.keys = await access().keys()
        await self._fill_audit()

    async def _fill_audit(self) -> None:
        """Put the newest lines above those that are shown, and keep no more pages than were asked for."""
        newest = await access().audit(None)
        shown = [line for line in self.audit if newest and line.id < newest[-1].id]
        if len(shown) < len(self.audit):  # else there may be lines between them
            most = self._audit_pages * AUDIT_PAGE
            self.has_older |= len(newest) + len(shown) > most
            self.audit = [*newest, *shown][:most]
        else:
            self.audit, self.has_older, self._audit_pages = newest, len(newest) == AUDIT_PAGE, 1
