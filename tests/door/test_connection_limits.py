"""How many connections there may be follows from what the machine gives and from who comes between."""

import pytest

from trainwatch.door.connection_limits import FILES_RESERVED, MOST, limits_of


@pytest.mark.parametrize(("files", "most"), [(4096, MOST), (1024, 1024 - FILES_RESERVED), (100, 1)])
def test_connections_leave_files_for_the_console(files: int, most: int):
    assert limits_of(files, ()).most == most


def test_it_takes_four_addresses_to_use_up_all_connections():
    limits = limits_of(4096, ())
    assert limits.most_of_address * 4 == limits.most


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3", "2001:db8::7"]
)
def test_many_may_be_behind_this_machine_and_a_trusted_proxy(address: str):
    assert limits_of(4096, ("10.1.0.0/16", "2001:db8::7")).is_shared(address)


@pytest.mark.parametrize("address", ["10.2.0.1", "2001:db8::8", "", "no address"])
def test_nobody_else_counts_as_many(address: str):
    assert not limits_of(4096, ("10.1.0.0/16", "2001:db8::7")).is_shared(address)
