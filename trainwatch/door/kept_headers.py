"""What is kept of the headers of a websocket, which may stay open for days: those that are read later, and no more."""

from collections.abc import Mapping

from starlette.types import Scope

from trainwatch.door.identity import tells_of_a_proxy

_ASKED_AGAIN = frozenset({"host", "origin", "sec-fetch-site", "authorization", "x-api-key", "user-agent"})
_HANDSHAKE = frozenset({b"host", b"origin", b"upgrade", b"connection"})
_LONGEST = 1_024
"""Longer than anything that is valid: a key, a cookie of ours, a host."""


def headers_asked_again(headers: Mapping[str, str], cookie_name: str, cookie: str | None) -> dict[str, str]:
    """Return what tells who a peer is whenever that is asked anew; `cookie` is its session's."""
    kept = {name: value[:_LONGEST] for name, value in headers.items() if name in _ASKED_AGAIN}
    if any(tells_of_a_proxy(name) for name in headers):
        kept["forwarded"] = ""  # its name is enough
    if cookie is not None:
        kept["cookie"] = f"{cookie_name}={cookie[:_LONGEST]}"
    return kept


def handshake_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return what the application behind the guard may read of a websocket's headers: no cookies and keys."""
    return [
        (name, value[:_LONGEST])
        for name, value in scope["headers"]
        if name in _HANDSHAKE or name.startswith(b"sec-websocket-")
    ]
