"""The settings: who is signed in, which keys there are, and what was done."""

from collections.abc import Awaitable
from typing import Any

import reflex as rx

from trainwatch.domain.credential import Scope
from trainwatch.door.rights import Right, rights_of
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

    `manager` is who manages the rest: empty for those who may not, None while nobody is known.
    `key_answer` is for the form that calls itself `form`: a `problem`, or the new key, a secret, which is here until the browser has it.
    """

    me: MeView = MeView()
    is_filled: bool = False
    manager: str | None = None
    sessions: list[SessionView] = []
    keys: list[KeyView] = []
    audit: list[AuditView] = []
    has_older: bool = False
    _audit_pages: int = 1
    key_answer: dict[str, Any] = {}
    _made_for: str = ""
    session_problem: str = ""
    key_problem: str = ""

    @rx.var
    def has_other_sessions(self) -> bool:
        """Whether any browser but this one is signed in."""
        return any(not session.is_mine for session in self.sessions)

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Show what the visitor may see, when the page is opened and whenever its connection is there again."""
        kept = self._made_for, self.key_answer  # of a form whose answer may have been lost
        self.reset()
        self._made_for, self.key_answer = kept
        await greet(self)
        caller = caller_of(self)
        manages = Right.ADMIN in caller.rights
        rooms = [EVERYONE, ACCESS] if manages else [EVERYONE]
        await backend().join(self.router.session.session_id, rooms)
        self.me = await access().me(caller)
        if manages:
            await self._fill()
        self.manager = f"{caller.actor.kind} {caller.actor.id}" if manages else ""
        self.is_filled = True

    @rx.event
    @needs(Right.ADMIN)
    async def leave(self) -> None:
        """Forget what was shown."""
        self.reset()

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
    async def create_key(self, form: str, label: str, scope: str, expiry: str) -> None:
        """Make a key and show it, once; a form that was sent twice makes one."""
        if form == self._made_for:
            return
        try:
            if expiry not in EXPIRIES:
                raise BadRequestError(f"expiry must be one of: {', '.join(EXPIRIES)}", field="expiry")
            key = await access().create_key(
                caller_of(self), scope=scope, label=label, expires_in_days=EXPIRIES[expiry]
            )
        except TrainwatchError as error:
            self.key_answer = {"form": form, "problem": error.message}
            return
        self._made_for = form
        self.key_answer = {
            "form": form,
            "key": key,
            "label": label.strip(),
            "reports": Right.INGEST in rights_of(Scope(scope)),
        }
        await self._fill()

    @rx.event
    @needs(Right.ADMIN)
    async def forget_key(self) -> None:
        """Forget the new key, which the browser shows now."""
        self.key_answer = {}

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
