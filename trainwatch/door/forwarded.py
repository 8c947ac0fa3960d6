"""What trusted proxies say of the client behind them."""

import ipaddress
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from trainwatch.door.addresses import Network, is_within, parse_address

_SCHEMES = {"http": ("http", "ws"), "https": ("https", "wss"), "ws": ("http", "ws"), "wss": ("https", "wss")}


class ForwardedHeaders:
    """Sets client and scheme of requests that come from a trusted proxy, by X-Forwarded-For and -Proto."""

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        """Believe requests to `app` from these addresses and networks."""
        self._app = app
        self._proxies = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        client = scope.get("client")
        if client and is_within(client[0], self._proxies):
            scheme = _header(scope, b"x-forwarded-proto").partition(",")[0].strip().lower()
            if scheme in _SCHEMES:
                scope["scheme"] = _SCHEMES[scheme][scope["type"] == "websocket"]
            address = client_behind(client[0], _header(scope, b"x-forwarded-for"), self._proxies)
            if address != client[0]:
                scope["client"] = (address, 0)
        await self._app(scope, receive, send)


def client_behind(proxy: str, forwarded: str, proxies: tuple[Network, ...]) -> str:
    """Return whom `proxy` speaks for: the last of `forwarded` that is no proxy itself.

    What is no address is nobody's: then it is whoever passed that on.
    """
    client = proxy
    for text in reversed(forwarded.split(",")):
        address = parse_address(_without_port(text.strip()))
        if address is None:
            break
        client = str(address)
        if not is_within(client, proxies):
            break
    return client


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _header(scope: Scope, name: bytes) -> str:
    """Return a header; one that comes in several lines is as good as one with commas."""
    return ",".join(value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name)
