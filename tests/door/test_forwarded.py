"""A trusted proxy says who is behind it, in addresses; nobody else is believed, and no other text is one."""

import asyncio
import ipaddress

import pytest
from starlette.types import Receive, Scope, Send

from trainwatch.door.forwarded import ForwardedHeaders, client_behind

PROXIES = (ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.0.0.0/8"))


def seen(*headers: tuple[str, str], peer: str = "127.0.0.1", kind: str = "http") -> tuple[str, str]:
    """Return the client and the scheme that an application behind `127.0.0.1` and `10.1.2.3/8` sees."""
    found: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope)

    scope = {
        "type": kind,
        "client": (peer, 4711),
        "scheme": {"http": "http", "websocket": "ws"}[kind],
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }
    asyncio.run(ForwardedHeaders(app, ["127.0.0.1", "10.1.2.3/8"])(scope, None, None))  # type: ignore[arg-type]
    return found[0]["client"][0], found[0]["scheme"]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    {
        "203.0.113.9": "203.0.113.9",
        "203.0.113.9:4711": "203.0.113.9",
        "[2001:db8::7]:4711": "2001:db8::7",
        "2001:DB8:0::7": "2001:db8::7",
        "::ffff:203.0.113.9": "203.0.113.9",
        "127.0.0.1, 198.51.100.1 , 203.0.113.9": "203.0.113.9",
        "203.0.113.9, 10.4.4.4": "203.0.113.9",
        "10.4.4.4, 10.5.5.5": "10.4.4.4",
        "": "127.0.0.1",
        "unknown": "127.0.0.1",
        "<script>, 10.4.4.4": "10.4.4.4",
        "203.0.113.9, anything at all": "127.0.0.1",
        "fe80::1%<script>": "127.0.0.1",
        "x" * 9000: "127.0.0.1",
    }.items(),
)
def test_the_client_is_the_last_address_that_is_no_proxys(forwarded: str, client: str):
    assert client_behind("127.0.0.1", forwarded, PROXIES) == client


def test_a_header_in_several_lines_is_one_list():
    lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9")]
    assert seen(*lines)[0] == "203.0.113.9"


@pytest.mark.parametrize("said", ["https", "HTTPS", "Https ", "wss", "https, http"])
@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("websocket", "wss")])
def test_https_is_https_however_it_is_written(said: str, kind: str, scheme: str):
    assert seen(("x-forwarded-proto", said), kind=kind)[1] == scheme


@pytest.mark.parametrize("said", ["", "javascript", "http", "http, https", "httpss"])
def test_anything_else_is_not(said: str):
    assert seen(("x-forwarded-proto", said))[1] == "http"


def test_a_network_is_trusted_though_it_is_named_by_one_of_its_addresses():
    assert seen(("x-forwarded-for", "203.0.113.9"), peer="10.200.0.1")[0] == "203.0.113.9"


def test_whoever_is_no_trusted_proxy_is_not_believed():
    said = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]
    assert seen(*said, peer="11.0.0.1") == ("11.0.0.1", "http")
