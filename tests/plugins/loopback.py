"""Refuses every connection that leaves this machine, so that no test depends on the network.

Loaded with `-p` (pyproject.toml). Subprocesses are not watched.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest


class LeavesThisMachineError(AssertionError):
    """A test tried to connect to another machine."""


def is_loopback(address: object) -> bool:
    """Say whether `address`, as given to `socket.connect`, stays on this machine."""
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = str(address[0])
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.endswith(".localhost")


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: object) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address):
            raise LeavesThisMachineError(f"a test may only talk to this machine, not to {address!r}")
        return connect(self, address)

    return guarded


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Iterator[None]:
    """Guard every test of the session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        return (yield)
