"""Who is behind a page's socket: asked anew with each event, for sign-ins end while pages stay open."""

from typing import Any

import reflex as rx

from trainwatch.door.guard import PEER
from trainwatch.door.identity import STRANGER, Door, Identity
from trainwatch.errors import ForbiddenError
from trainwatch.ui.push import NAMESPACE


class Callers:
    """Knows the caller of each socket of an app, by what the guard noted at its handshake."""

    def __init__(self, app: rx.App, door: Door) -> None:
        """Ask `door` who the peers of the sockets of `app` are."""
        self._app = app
        self._door = door

    def of(self, session_id: str) -> Identity:
        """Return the caller behind the socket of that id; a stranger if there is none."""
        peer = self._environ_of(session_id).get("asgi.scope", {}).get(PEER)
        try:
            return STRANGER if peer is None else self._door.identify(peer)
        except ForbiddenError:
            return STRANGER

    def is_there(self, session_id: str) -> bool:
        """Whether that socket is open still."""
        return bool(self._environ_of(session_id))

    def _environ_of(self, session_id: str) -> dict[str, Any]:
        sio = self._app.sio
        return (None if sio is None else sio.get_environ(session_id, NAMESPACE)) or {}
