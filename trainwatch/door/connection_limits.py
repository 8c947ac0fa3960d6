"""How many connections there may be, in all and from one address."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from trainwatch.door.addresses import LOOPBACK, Network, is_within

MOST = 2_000
SHARE_OF_ADDRESS = 4
"""So many addresses at least it takes to use up all connections."""

FILES_RESERVED = 256
"""Files that connections leave for the console, the database and the logs of jobs."""


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
        return is_within(address, self.shared)


def limits_of(files: int, proxies: Iterable[str]) -> ConnectionLimits:
    """Return the limits of a server that may open `files` files and trusts `proxies`."""
    networks = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
    return ConnectionLimits(max(1, min(MOST, files - FILES_RESERVED)), LOOPBACK + networks)
