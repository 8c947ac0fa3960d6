"""The address of a server."""

from urllib.parse import urlsplit


def check_url(url: str) -> None:
    """Let `url` pass if it can be the address of a server.

    Raises:
        ValueError: If not; the message says why.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url!r} is no address of a server; it looks like http://127.0.0.1:62222")
