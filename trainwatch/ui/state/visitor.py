"""Who looks at the page, and what they may do: for what the page offers. The gate decides, not this."""

from typing import Protocol

import reflex as rx
from reflex.state import BaseState

from trainwatch.door.identity import STRANGER, Identity
from trainwatch.door.rights import Right


class Callers(Protocol):
    """Knows who is behind each socket; handed in by the composition root."""

    def of(self, session_id: str) -> Identity:
        """Return the caller behind the socket of that id."""
        ...


class _Wiring:
    callers: Callers | None = None


def use_callers(callers: Callers) -> None:
    """Let every state ask `callers` from now on."""
    _Wiring.callers = callers


def caller_of(state: rx.State) -> Identity:
    """Return who is behind the socket through which an event of `state` came."""
    if _Wiring.callers is None:
        return STRANGER
    return _Wiring.callers.of(state.router.session.session_id)


class Visitor(rx.State):
    """Filled by `greet` whenever a page is entered. Public, like every var: no secrets."""

    name: str = ""
    rights: list[str] = []
    signed_in: bool = False
    _shown_to: str = ""

    @rx.var
    def known(self) -> bool:
        """Whether `greet` has filled the rest; until then pages keep room for what they may have to offer."""
        return self.name != ""

    @rx.var
    def may_annotate(self) -> bool:
        """Whether tasks may be renamed, asked to stop and marked as ended."""
        return Right.ANNOTATE in self.rights

    @rx.var
    def may_simulate(self) -> bool:
        """Whether simulated jobs may be made, started and stopped."""
        return Right.SIMULATE in self.rights

    @rx.var
    def may_operate(self) -> bool:
        """Whether tasks may be deleted and real jobs run."""
        return Right.OPERATE in self.rights

    @rx.var
    def may_admin(self) -> bool:
        """Whether sessions and keys may be managed."""
        return Right.ADMIN in self.rights


async def greet(page: rx.State) -> None:
    """Let the visitor's page know whom it shows things to; every page's `enter` awaits this."""
    caller = caller_of(page)
    visitor = await page.get_state(Visitor)
    visitor.name = caller.actor.name
    visitor.rights = sorted(caller.rights)
    visitor.signed_in = caller.actor.kind == "session"


async def show_to(caller: Identity, tab: BaseState) -> None:
    """Let nothing that a tab showed to somebody else stay when `caller` looks at it."""
    visitor = await tab.get_state(Visitor)
    who = f"{caller.actor.kind} {caller.actor.id}"
    if visitor._shown_to not in ("", who):  # pyright: ignore[reportPrivateUsage]
        tab.reset()
    visitor._shown_to = who  # pyright: ignore[reportPrivateUsage]
