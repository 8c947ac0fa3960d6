"""Speaks HTTP by hand, so that a test can also say what no client would."""

import contextlib
import json
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` is None if the server hung up without a word."""

    status: int | None
    body: bytes
    seconds: float
    head: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def address_of(url: str) -> tuple[str, int]:
    """Return host and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole request; `headers` are written with - for _, and go before the usual ones."""
    usual = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**usual, **given}.items())
    return f"{method} {path} HTTP/1.1\r\n{head}connection: close\r\n\r\n".encode("latin-1") + body


def say(url: str, raw: bytes, *, hang_up: bool = False) -> Answer:
    """Send `raw` and return what comes back; with `hang_up` say that no more will follow."""
    began = time.monotonic()
    heard = b""
    with socket.create_connection(address_of(url), timeout=LIMIT_S) as connection:
        with contextlib.suppress(OSError):  # it may have been refused and hung up on before its end
            connection.sendall(raw)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while not _whole(heard) and (data := connection.recv(65536)):
                heard += data
    return _parse(heard, time.monotonic() - began)


def post(url: str, payload: object, path: str = "/hook", **headers: str) -> Answer:
    """Post `payload` (bytes as they are, else as JSON) and return the answer."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return say(url, request("POST", path, body, **headers))


def get(url: str, path: str, **headers: str) -> Answer:
    """Get `path`."""
    return say(url, request("GET", path, b"", **headers))


def _whole(heard: bytes) -> bool:
    """Whether a whole answer with a length is there (one without ends with the connection)."""
    head, found, body = heard.partition(b"\r\n\r\n")
    for field in head.lower().split(b"\r\n")[1:]:
        name, _, value = field.partition(b":")
        if name == b"content-length":
            return bool(found) and len(body) >= int(value)
    return False


def _parse(heard: bytes, seconds: float) -> Answer:
    head, found, body = heard.partition(b"\r\n\r\n")
    if not found:
        return Answer(None, heard, seconds)
    return Answer(int(head.split(b" ", 2)[1]), body, seconds, head)
