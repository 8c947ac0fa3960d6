"""Addresses are compared by what they mean, however they are written."""

import pytest

from trainwatch.door.addresses import LOOPBACK, is_within, neighbourhood, parse_address


def test_of_ipv6_a_whole_network_counts_as_one_address():
    assert (
        neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1") != neighbourhood("2001:db8:0:1::1")
    )


def test_an_ipv4_address_is_the_same_however_it_is_written():
    assert neighbourhood("::ffff:10.0.0.1") == neighbourhood("10.0.0.1") != neighbourhood("10.0.0.2")


@pytest.mark.parametrize(
    "text", ["", "localhost", "10.0.0.1:80", "10.0.0", "fe80::1%<script>", "[::1]", "10.0.0.1 "]
)
def test_what_is_no_address_is_none_and_nowhere(text: str):
    assert parse_address(text) is None
    assert not is_within(text, LOOPBACK)
