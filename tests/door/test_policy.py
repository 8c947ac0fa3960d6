"""Which names the server goes by, and when nobody is let in who shows nothing."""

import pytest

from trainwatch.door.policy import Policy, host_name, policy_for

LOOPBACK = [
    *("localhost", "localhost:62222", "LocalHost:1", "localhost.", "localhost.:62222"),
    *("127.0.0.1", "127.0.0.1:62222", "127.8.9.1", "[::1]", "[::1]:62222", "[0:0:0:0:0:0:0:1]"),
]
JUNK = [
    *(
        "",
        " ",
        ":",
        ":62222",
        ".",
        "..",
        "@",
        "[",
        "]",
        "[]",
        "[]:1",
        "[::1",
        "::1]",
        "[::1]x",
        "[::1]]",
        "[[::1]]",
    ),
    *(
        "localhost@evil.example",
        "evil.example@localhost",
        "a:b@localhost",
        "localhost:@localhost",
        "@localhost",
    ),
    *("localhost:x", "localhost:-1", "localhost:999999", "localhost:80:80", "localhost:٨٠", "localhost:0x50"),
    *("localhost/", "localhost/evil", "localhost?x", "localhost#x", "evil.example/localhost", "//localhost"),
    *(
        "http://localhost",
        "local host",
        "local\thost",
        "local\nhost",
        "localhost\0",
        "localhost,evil.example",
    ),
    *(
        "localhost.evil.example",
        "evil.localhost",
        "notlocalhost",
        "localhost-",
        "\\localhost",
        "localhost\\evil",
    ),
    *("127.0.0.1.evil.example", "127.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.01"),
    *("0.0.0.0", "[::]", "::1", "[::1%25lo]", "[::ffff:8.8.8.8]", "①②⑦.0.0.1", "ⓛocalhost", "localhost。"),
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_every_server_goes_by_the_names_of_this_machine(host: str):
    assert Policy().knows(host)
    assert policy_for("0.0.0.0", ["lab.example"]).knows(host)


@pytest.mark.parametrize("host", JUNK)
def test_what_is_no_name_of_this_machine_is_none(host: str):
    assert not Policy().knows(host)
    assert not policy_for("127.0.0.1", ["lab.example"]).knows(host)


@pytest.mark.parametrize(
    "host", ["lab.example", "LAB.Example", "lab.example:62222", "lab.example.", "lab.example.:80"]
)
@pytest.mark.parametrize("allowed", ["lab.example", "Lab.EXAMPLE", "lab.example."])
def test_a_server_goes_by_the_names_it_was_given(host: str, allowed: str):
    assert policy_for("127.0.0.1", [allowed]).knows(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "xlab.example",
        "lab.example.evil.example",
        "example",
        "www.lab.example",
        "lab.example..x",
    ],
)
def test_a_server_goes_by_no_name_that_only_resembles_its_own(host: str):
    assert not policy_for("127.0.0.1", ["lab.example"]).knows(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_on_every_address_goes_by_any_address_and_by_no_name(host: str):
    policy = policy_for(host, [])
    for address in ("192.168.1.5", "192.168.1.5:62222", "8.8.8.8", "[2001:db8::1]", "[2001:DB8::1]:62222"):
        assert policy.knows(address)
    for name in (
        "evil.example",
        "192.168.1.5.evil.example",
        "192.168.1",
        "user@192.168.1.5",
        "[evil.example]",
        "",
    ):
        assert not policy.knows(name)


def test_a_server_on_one_address_goes_by_that_one():
    assert policy_for("192.168.1.5", []).knows("192.168.1.5:62222")
    assert not policy_for("192.168.1.5", []).knows("192.168.1.6:62222")
    assert policy_for("2001:DB8::1", []).knows("[2001:db8::1]:62222")
    assert policy_for("Lab.example.", []).knows("lab.example")


@pytest.mark.parametrize(
    ("host", "allowed", "require_sign_in", "anonymous"),
    [
        ("127.0.0.1", [], False, True),
        ("localhost", [], False, True),
        ("::1", [], False, True),
        ("127.0.0.1", [], True, False),
        ("127.0.0.1", ["lab.example"], False, False),
        ("127.0.0.1", ["localhost"], False, False),
        ("0.0.0.0", [], False, False),
        ("::", [], False, False),
        ("192.168.1.5", [], False, False),
        ("lab.example", [], False, False),
        ("", [], False, False),
    ],
)
def test_nobody_is_let_in_without_showing_something_where_others_can_reach_the_server(
    host: str, allowed: list[str], require_sign_in: bool, anonymous: bool
):
    assert policy_for(host, allowed, require_sign_in=require_sign_in).lets_anonymous_in is anonymous


def test_the_name_in_a_host_header_is_without_port_brackets_and_case():
    assert host_name("Lab.Example:62222") == "lab.example"
    assert host_name("[2001:DB8::1]:62222") == "2001:db8::1"
