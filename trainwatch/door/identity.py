"""Who is asking, as far as a connection, its headers and what it shows tell."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.credential import Credential
from trainwatch.domain.events import CredentialChanged, Event
from trainwatch.door.keyring import Keyring
from trainwatch.door.policy import Policy
from trainwatch.door.rights import EVERYBODY, ON_THIS_MACHINE, Right, rights_of
from trainwatch.errors import ForbiddenError
from trainwatch.settings import is_loopback

_FORWARDING = frozenset({"forwarded", "via", "x-real-ip"})


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection: its address, and headers by lower-case name.

    `is_console` is for who came through the socket file that only this server's own user can open.
    """

    address: str | None
    headers: Mapping[str, str]
    is_secure: bool = False
    is_console: bool = False


class Complaint(StrEnum):
    """Why what a caller showed was not taken."""

    KEY = "this key is unknown, expired or revoked"
    SESSION = "this sign-in has ended; sign in again"


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller and what it may do; with an `own_task` it may report about that task only."""

    actor: Actor
    rights: frozenset[Right]
    complaint: Complaint | None = None
    own_task: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether it showed something that is valid."""
        return self.actor.kind in ("session", "key", "console")


LOCAL = Identity(Actor("local", "this machine"), ON_THIS_MACHINE)
"""Whoever is on this machine, without a sign-in."""

STRANGER = Identity(Actor("stranger", "a stranger"), EVERYBODY)
"""Whoever may only sign in."""

_CONSOLE = Identity(CONSOLE, frozenset(Right))


class Door:
    """Tells who a peer is. What it says may change from one moment to the next: ask again before each event."""

    def __init__(
        self, keyring: Keyring, policy: Policy, *, cookie_name: str, clock: Callable[[], datetime]
    ) -> None:
        """Let in whom `keyring` knows and `policy` lets in; sessions show the cookie `cookie_name`."""
        self.keyring = keyring
        self.policy = policy
        self.cookie_name = cookie_name
        self.clock = clock
        self.has_ended = asyncio.Event()

    def note(self, events: Iterable[Event]) -> None:
        """Know the credentials that changed; `has_ended` is set where one of them lets nobody in any more."""
        for event in events:
            if not isinstance(event, CredentialChanged):
                continue
            if event.is_forgotten:
                self.keyring.forget(event.credential)
            else:
                self.keyring.put(event.credential)
            if not event.credential.is_valid(self.clock()):
                self.has_ended.set()

    def end(self, credential: Credential) -> None:
        """Let a user, session or key in no more, though the database may not know yet."""
        self.keyring.end(credential)
        self.has_ended.set()

    def identify(self, peer: Peer) -> Identity:
        """Return who `peer` is.

        Raises:
            ForbiddenError: If it calls this server by a foreign name, speaks for another web site, or is a proxy
                where only the command line may be.
        """
        if peer.is_console:
            _refuse_proxies(peer.headers)
            return _CONSOLE
        headers = peer.headers
        self._refuse_foreign_names(headers.get("host", ""))
        _refuse_other_sites(headers)
        if (text := key_in(headers)) is not None:
            return self._with_key(text, peer)
        if (cookie := self.cookie_in(headers)) is not None:
            return self._with_cookie(cookie, peer)
        if self.policy.lets_anonymous_in and _is_on_this_machine(peer):
            return LOCAL
        return STRANGER

    def cookie_in(self, headers: Mapping[str, str]) -> str | None:
        """Return the session cookie among `headers`."""
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie_name:
                return value
        return None

    def _refuse_foreign_names(self, host: str) -> None:
        if not self.policy.knows(host):
            raise ForbiddenError(
                f"this server does not go by the name {host[:200]!r}; use localhost, or start it with --allow-host"
            )

    def _with_key(self, text: str, peer: Peer) -> Identity:
        key = self.keyring.key_of(text, self.clock())
        if key is None:
            return _unknown(peer, Complaint.KEY)
        actor = Actor("key", key.label, key.id, peer.address)
        return Identity(actor, rights_of(key.scope), own_task=key.task_id)

    def _with_cookie(self, cookie: str, peer: Peer) -> Identity:
        found = self.keyring.session_of(cookie, self.clock())
        if found is None:
            return _unknown(peer, Complaint.SESSION)
        session, user = found
        return Identity(Actor("session", user.name, session.id, peer.address), rights_of(user.scope))


def key_in(headers: Mapping[str, str]) -> str | None:
    """Return the key among `headers`, from `Authorization: Bearer` or `X-API-Key`."""
    kind, _, text = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return text.strip()
    return headers.get("x-api-key")


def _unknown(peer: Peer, complaint: Complaint) -> Identity:
    return Identity(Actor("stranger", "a stranger", None, peer.address), EVERYBODY, complaint)


def _is_on_this_machine(peer: Peer) -> bool:
    is_near = peer.address is not None and is_loopback(peer.address)
    return is_near and not any(tells_of_a_proxy(name) for name in peer.headers)


def tells_of_a_proxy(header: str) -> bool:
    """Whether a header of that lower-case name is one that proxies add."""
    return header in _FORWARDING or header.startswith("x-forwarded-")


def _refuse_proxies(headers: Mapping[str, str]) -> None:
    """Keep everybody behind a proxy from what only the server's own user may do: it found the wrong socket."""
    if "origin" in headers or any(tells_of_a_proxy(name) for name in headers):
        raise ForbiddenError(
            "this socket is the command line's, without a sign-in; let the proxy use the port of the server"
        )


def _refuse_other_sites(headers: Mapping[str, str]) -> None:
    origin = headers.get("origin")
    if origin is not None and not _is_same_origin(origin, headers.get("host", "")):
        advice = ""
        if any(tells_of_a_proxy(name) for name in headers):
            advice = "; if that is this one, a proxy in front must pass the header Host as it came"
        raise ForbiddenError(f"requests from the web site {origin[:200]} are refused{advice}")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ForbiddenError("requests from other web sites are refused")


def _is_same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
