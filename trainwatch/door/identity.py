"""Who is asking, as far as a connection and its headers tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from trainwatch.door.rights import Right
from trainwatch.errors import ForbiddenError
from trainwatch.settings import is_loopback

ON_THIS_MACHINE = frozenset({Right.READ, Right.INGEST, Right.ANNOTATE, Right.SIMULATE})

_FORWARDING = frozenset({"forwarded", "via", "x-real-ip"})


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller and what it may do."""

    name: str
    rights: frozenset[Right]


LOCAL = Identity("local", ON_THIS_MACHINE)
"""Whoever is on this machine."""


def identify(peer: str | None, headers: Mapping[str, str]) -> Identity:
    """Return the identity of a caller on this machine; `headers` has lower-case names.

    Raises:
        ForbiddenError: If the caller may be somewhere else, or another web site in this machine's browser.
    """
    if peer is not None and not is_loopback(peer):
        raise ForbiddenError("this server answers its own machine only")
    host = headers.get("host", "")
    if not is_loopback(_host_name(host)):
        raise ForbiddenError(f"this server does not go by the name {host!r}; use localhost or 127.0.0.1")
    if forwarded := next((name for name in headers if _tells_of_a_proxy(name)), None):
        raise ForbiddenError(f"came through a proxy (header {forwarded}); there is no sign-in for that yet")
    _refuse_other_sites(host, headers)
    return LOCAL


def _tells_of_a_proxy(header: str) -> bool:
    return header in _FORWARDING or header.startswith("x-forwarded-")


def _refuse_other_sites(host: str, headers: Mapping[str, str]) -> None:
    origin = headers.get("origin")
    if origin is not None and not _is_same_origin(origin, host):
        raise ForbiddenError(f"requests from the web site {origin} are refused")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ForbiddenError("requests from other web sites are refused")


def _is_same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


@lru_cache(maxsize=256)  # the same few names with every request
def _host_name(host: str) -> str:
    """Return the name in a Host header, without its port and the brackets of IPv6."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
