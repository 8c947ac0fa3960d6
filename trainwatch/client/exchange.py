"""One request and its answer, whatever there is at the other end: bounded in bytes and in time."""

import io
import socket
import time
from collections.abc import Mapping
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any, NamedTuple

MOST_BYTES = 1 << 20
"""How long an answer may be; those to reports are a line."""

_MOST_HEAD_BYTES = 256 << 10

FAILURES = (OSError, HTTPException, ValueError)
"""What `exchange` raises if there is no such answer; the connection is of no more use then."""


class TooLongError(HTTPException):
    """The answer is longer than it may be."""


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: Message
    body: bytes


def exchange(
    connection: HTTPConnection,
    request: tuple[str, str, bytes | None, Mapping[str, str]],
    *,
    patience_s: float,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Return the answer to a request: method, path, body and headers. A redirection is an answer.

    Raises:
        FAILURES: If it does not come within `patience_s`, is longer than `most_bytes`, or is no HTTP.
    """
    until = time.monotonic() + patience_s
    method, path, body, headers = request
    if connection.sock is not None:
        connection.sock.settimeout(patience_s)
    connection.request(method, path, body, dict(headers))
    connection.response_class = partial(_Response, until=until, most_bytes=most_bytes)  # type: ignore[assignment]
    with connection.getresponse() as response:
        content = response.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise TooLongError(f"an answer of more than {most_bytes:,} bytes")
        if response.length:
            raise IncompleteRead(content, response.length)
        return Answer(response.status, response.headers, content)


class _Response(HTTPResponse):
    """An answer that is read from a socket until a moment, and never more than so many bytes."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None,
        *, until: float, most_bytes: int,
    ) -> None:  # fmt: skip
        super().__init__(sock, debuglevel, method, url)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_Bounded(raw, sock, until, most_bytes + _MOST_HEAD_BYTES))


class _Bounded(io.RawIOBase):
    """Reads from a socket that stays open until this is closed."""

    def __init__(self, raw: Any, sock: socket.socket, until: float, most_bytes: int) -> None:
        super().__init__()
        self._raw = raw
        self._socket = sock
        self._until = until
        self._left = most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        if self._left <= 0:
            raise TooLongError("an answer without an end")
        self._socket.settimeout(left_s)
        size = self._raw.readinto(buffer) or 0
        self._left -= size
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
