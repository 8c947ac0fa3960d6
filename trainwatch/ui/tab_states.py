"""How long the server keeps what it holds for a tab: while its socket is open, and some minutes longer."""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Final

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken

KEPT_S: Final = 300.0
"""How long a tab may be away, asleep or without a network, and find everything as it was."""

MOST_LEFT: Final = 32
"""How many tabs without a socket are kept for one caller."""

EVERY_S: Final = 30.0

_NEVER_S: Final = 10 * 365 * 86_400

Owner = Hashable


class TabStates:
    """Forgets the states of tabs that are gone. Belongs to the event loop.

    Reflex would forget them an hour after their last event, whether their socket is open or not. A tab that comes
    back later finds a fresh state, as after a restart of the server.
    """

    def __init__(
        self,
        app: rx.App,
        owner_of: Callable[[str], Owner],
        *,
        kept_s: float = KEPT_S,
        most_left: int = MOST_LEFT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the tabs of `app`; `owner_of` says whose a socket is by its id."""
        self._app = app
        self._owner_of = owner_of
        self._kept_s = kept_s
        self._most_left = most_left
        self._clock = clock
        self._left: defaultdict[Owner, dict[str, float]] = defaultdict(dict)
        self._states.token_expiration = _NEVER_S

    def leave(self, session_id: str) -> None:
        """Note that a tab's socket closes, while it is still known whose it is."""
        namespace = self._app.event_namespace
        token = None if namespace is None else namespace.sid_to_token.get(session_id)
        if token is not None:
            self._note(self._owner_of(session_id), token)

    async def step(self) -> None:
        """Forget the tabs that have been away too long, those too that became known after they left."""
        connected = self._connected()
        now = self._clock()
        for owner, left in list(self._left.items()):
            for token, left_at in list(left.items()):
                if token in connected or (now - left_at >= self._kept_s and self._forget(token)):
                    del left[token]
            if not left:
                del self._left[owner]
        known = {token for left in self._left.values() for token in left}
        for token in self._states.states.keys() - connected - known:
            self._note(None, token)

    @property
    def _states(self) -> StateManagerMemory:
        states = self._app.state_manager
        assert isinstance(states, StateManagerMemory)
        return states

    def _connected(self) -> set[str]:
        namespace = self._app.event_namespace
        return set() if namespace is None else set(namespace.token_to_sid)

    def _note(self, owner: Owner, token: str) -> None:
        left = self._left[owner]
        left.pop(token, None)
        left[token] = self._clock()
        if len(left) <= self._most_left:
            return
        connected = self._connected() - {token}
        for oldest in list(left):
            if oldest in connected or (len(left) > self._most_left and self._forget(oldest)):
                del left[oldest]

    def _forget(self, token: str) -> bool:
        """Forget a tab's state unless an event is being dealt with; return whether it is gone."""
        states = self._states
        lock = states._states_locks.get(token)
        if lock is not None and lock.locked():
            return False
        assert self._app._state is not None
        states._purge_token(BaseStateToken(ident=token, cls=self._app._state))
        return True
