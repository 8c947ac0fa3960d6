"""What an address says of a caller: whether it is one, and whose neighbour it is."""

import ipaddress
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))

_SUBNET = 64


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Return the address that `text` is, IPv4 in IPv6 as the former; None if it is none, or names an interface."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address


def is_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether `address` is one, and in one of `networks`."""
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in networks)


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Return what counts as one address: of IPv6 a network of 64 bits, for a caller has all of it."""
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _SUBNET), strict=False))
    return address if parsed is None else str(parsed)
