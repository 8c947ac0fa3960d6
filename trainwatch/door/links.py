"""One-time sign-in links: for ten minutes and one use, in memory only."""

import secrets
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from trainwatch.domain.secret import SECRET_BYTES, digest_of, write_secret

LAST = timedelta(minutes=10)

Guest = TypeVar("Guest")
"""What is remembered of whom a link is for."""


class Links(Generic[Guest]):
    """The links that were made and not used; belongs to the event loop."""

    def __init__(self) -> None:
        """Start with none."""
        self._links: dict[str, tuple[Guest, datetime]] = {}

    def make(self, guest: Guest, now: datetime) -> str:
        """Return the secret of a new link for `guest`."""
        self._links = {digest: link for digest, link in self._links.items() if now < link[1]}
        secret = write_secret(secrets.token_bytes(SECRET_BYTES))
        self._links[digest_of(secret)] = (guest, now + LAST)
        return secret

    def take(self, secret: str, now: datetime) -> Guest | None:
        """Return whom the link is for, and let nobody use it again; None if it is no good."""
        guest, ends_at = self._links.pop(digest_of(secret), (None, now))
        return guest if now < ends_at else None
