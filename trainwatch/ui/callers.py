"""Who is behind a page's socket: asked anew with each event, for sign-ins end while pages stay open."""

from collections import OrderedDict
from typing import Any, Final

import reflex as rx

from trainwatch.door.guard import PEER
from trainwatch.door.identity import STRANGER, Door, Identity
from trainwatch.errors import ForbiddenError
from trainwatch.ui.push import NAMESPACE

REMEMBERED: Final = 1_024
"""Sockets whose peers are known beyond their end."""


class Callers:
    """Knows the caller of each socket of an app, by what the guard noted at its handshake.

    What somebody does as the last thing on a page may be dealt with after its socket has closed: it still counts as theirs.
    """

    def __init__(self, app: rx.App, door: Door) -> None:
        """Ask `door` who the peers of the sockets of `app` are."""
        self._app = app
        self._door = door
        self._peers: OrderedDict[str, Any] = OrderedDict()

    def of(self, session_id: str) -> Identity:
        """Return the caller behind the socket of that id; a stranger if there was none."""
        peer = self._peer_of(session_id)
        try:
            return STRANGER if peer is None else self._door.identify(peer)
        except ForbiddenError:
            return STRANGER

    def is_there(self, session_id: str) -> bool:
        """Whether that socket is open still."""
        return bool(self._environ_of(session_id))

    def _peer_of(self, session_id: str) -> Any:
        peer = self._environ_of(session_id).get("asgi.scope", {}).get(PEER) or self._peers.get(session_id)
        if peer is not None:
            self._peers[session_id] = peer
            self._peers.move_to_end(session_id)
            if len(self._peers) > REMEMBERED:
                self._peers.popitem(last=False)
        return peer

    def _environ_of(self, session_id: str) -> dict[str, Any]:
        sio = self._app.sio
        return (None if sio is None else sio.get_environ(session_id, NAMESPACE)) or {}
