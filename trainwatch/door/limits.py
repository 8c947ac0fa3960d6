"""How often: tries to sign in, requests with one key, sockets of one caller."""

import math
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from trainwatch.domain.audit import Actor
from trainwatch.errors import RateLimitedError

SIGN_IN_TRIES = RateLimitItemPerMinute(10, 5, namespace="sign-in")
"""Ten tries that fail in five minutes, from one address and for one name."""

MOST_SOCKETS = {"session": 64, "key": 256, "local": 512}
"""How many websockets one session, one key, or everybody on this machine together may hold open."""


class Limits:
    """Counts in memory: a restart forgives. Belongs to the event loop."""

    def __init__(self, *, key_requests_per_minute: int) -> None:
        """Let each key ask that often."""
        self._counts = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._counts)
        self._of_a_key = RateLimitItemPerMinute(key_requests_per_minute, namespace="key")
        self._sockets: Counter[tuple[str, int | None]] = Counter()

    def count_request(self, actor: Actor) -> None:
        """Count a request.

        Raises:
            RateLimitedError: If it is of a key that has asked too often.
        """
        if actor.kind == "key":
            self._count(self._of_a_key, str(actor.id), "too many requests with this key")

    def count_sign_in(self, *who: str) -> None:
        """Count a try to sign in, for each of an address and a name, before it is known how it ends.

        Raises:
            RateLimitedError: If one of them has tried too often.
        """
        for each in who:
            self._count(SIGN_IN_TRIES, each, "too many tries to sign in")

    def forgive_sign_in(self, *who: str) -> None:
        """Take back a try that was counted, for it was no guess: it succeeded."""
        for each in who:
            self._counts.decr(SIGN_IN_TRIES.key_for(each))

    @contextmanager
    def socket(self, actor: Actor) -> Generator[None]:
        """Hold one of the caller's sockets.

        Raises:
            RateLimitedError: If it holds as many as it may.
        """
        who = (actor.kind, actor.id)
        if self._sockets[who] >= MOST_SOCKETS.get(actor.kind, 0):
            raise RateLimitedError("too many pages or sockets are open", retry_after_s=5)
        self._sockets[who] += 1
        try:
            yield
        finally:
            self._sockets[who] -= 1
            if not self._sockets[who]:
                del self._sockets[who]

    def _count(self, limit: RateLimitItem, who: str, complaint: str) -> None:
        if not self._limiter.hit(limit, who):
            reset_at = self._limiter.get_window_stats(limit, who).reset_time
            wait_s = max(1, math.ceil(reset_at - time.time()))  # noqa: TID251 - the library's own clock
            if (
                wait_s > limit.get_expiry() + 1
            ):  # the clock was set back since: the window would last until then
                self._counts.clear(limit.key_for(who))
                self._limiter.hit(limit, who)
                return
            raise RateLimitedError(f"{complaint}; try again in {wait_s} s", retry_after_s=wait_s)
