"""How many connections there may be, in all and from one address."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))

MOST = 2_000
SHARE_OF_ADDRESS = 4
"""So many addresses at least it takes to use up all connections."""

FILES_RESERVED = 256
"""Files that connections leave for the console, the database and the logs of jobs."""

_SUBNET = 64


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Connections but those of the console, which always get in.

    From one address there may be a `SHARE_OF_ADDRESS`th of them, unless it is in `shared`: this machine may be a
    proxy, a tunnel or the only user, and a proxy speaks for everybody behind it.
    """

    most: int = MOST
    shared: tuple[Network, ...] = field(default=LOOPBACK)

    @property
    def most_of_address(self) -> int:
        """How many may come from one address that is not shared."""
        return max(1, self.most // SHARE_OF_ADDRESS)

    def is_shared(self, address: str) -> bool:
        """Whether many may be behind `address`."""
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.shared)


def limits_of(files: int, proxies: Iterable[str]) -> ConnectionLimits:
    """Return the limits of a server that may open `files` files and trusts `proxies`."""
    networks = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
    return ConnectionLimits(max(1, min(MOST, files - FILES_RESERVED)), LOOPBACK + networks)


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Return what counts as one address: of IPv6 a network of 64 bits, for a caller has all of it."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _SUBNET), strict=False))
    return address if parsed is None else str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
