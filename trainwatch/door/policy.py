"""Who may come near: which names the server goes by, and whether anyone on this machine is let in."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from trainwatch.settings import Settings, is_loopback

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?")
"""All that a client may write; a parser of addresses takes more, and servers differ in what they make of it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`hosts` are names and addresses besides the loopback ones; `any_address` lets every IP address be one.

    An address in place of a name cannot be another's by a trick with DNS, so a server that listens
    on all addresses goes by each of them. `lets_anonymous_in` is for a server that only this machine can reach.
    """

    hosts: frozenset[str] = frozenset()
    any_address: bool = False
    lets_anonymous_in: bool = True

    def knows(self, host: str) -> bool:
        """Whether the server goes by what a Host header says, its port aside."""
        name = host_name(host)
        return is_loopback(name) or name in self.hosts or (self.any_address and _is_address(name))


def policy_for(host: str, allowed_hosts: Iterable[str], *, require_sign_in: bool = False) -> Policy:
    """Return the policy of a server that listens on `host` and goes by `allowed_hosts` besides."""
    names = {name.rstrip(".").lower() for name in allowed_hosts}
    is_open = bool(names) or not is_loopback(host)
    return Policy(
        hosts=frozenset(names | {host.rstrip(".").lower()}),
        any_address=host in ("0.0.0.0", "::"),  # noqa: S104 - asked, not bound
        lets_anonymous_in=not (is_open or require_sign_in),
    )


def policy_of(settings: Settings) -> Policy:
    """Return the policy of a server with these settings."""
    # Behind a proxy everybody may look as if they were on this machine.
    must_sign_in = settings.require_sign_in or bool(settings.trust_proxy)
    return policy_for(settings.host, settings.names, require_sign_in=must_sign_in)


@lru_cache(maxsize=256)  # the same few names with every request
def host_name(host: str) -> str:
    """Return the name in a Host header in lower case, without its port, the brackets of IPv6 and a last dot."""
    match = _HOST.fullmatch(host)
    return "" if match is None else (match[1] or match[2]).rstrip(".").lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
