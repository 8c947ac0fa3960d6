import socket

import pytest

from tests.plugins.loopback import LeavesThisMachineError, is_loopback


@pytest.mark.parametrize("address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 1), "/run/a.sock"])
def test_addresses_of_this_machine_are_allowed(address):
    assert is_loopback(address)


@pytest.mark.parametrize("address", [("192.0.2.1", 1), ("example.org", 80), ("fe80::1%eth0", 1, 0, 0)])
def test_addresses_of_other_machines_are_not(address):
    assert not is_loopback(address)


def test_a_test_cannot_leave_this_machine():
    with socket.socket() as sock, pytest.raises(LeavesThisMachineError):
        sock.connect(("192.0.2.1", 80))
