"""One report to one server, and what becomes of it."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THIS_ONE = frozenset({400, 409, 413, 422})


class UnreachedError(Exception):
    """The server did not take the report, or did not say so; the same one may be sent again."""

    def __init__(self, why: str, *, answers: bool = False, after_s: float = 0.0) -> None:
        """Say why, whether a server did answer, and how many seconds it asks us to wait at least."""
        super().__init__(why)
        self.answers = answers
        self.after_s = after_s


class RefusedError(Exception):
    """The server will never take this report; `for_good` if it will take no other either."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        """Say why, for people."""
        super().__init__(why)
        self.for_good = for_good


class Hook:
    """The hook of one server, over one connection that is kept. Not for several threads at once."""

    def __init__(self, url: str, key: str | None = None, *, patience_s: float = 10.0) -> None:
        """Report to the server at `url`, which `address.check_url` lets pass; each answer may take `patience_s`."""
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=patience_s)
        self._path = f"{parts.path.rstrip('/')}/hook"
        self._key = (key or "").strip()
        self._headers = {"Content-Type": "application/json", "User-Agent": "trainwatch"}
        if self._key:
            self._headers["Authorization"] = f"Bearer {self._key}"

    def post(self, report: Mapping[str, object]) -> bool:
        """Return whether somebody wants the task to stop, once the report is durable.

        Raises:
            UnreachedError: If it may be sent again.
            RefusedError: If it need not.
        """
        if not (self._key.isascii() and self._key.isprintable()):
            raise RefusedError("the key holds characters that no key has", for_good=True)
        status, headers, body = self._exchange(json.dumps(report).encode())
        said = _object(body)
        if status in _TRY_AGAIN:
            raise UnreachedError(f"HTTP {status}", answers=True, after_s=_seconds(headers.get("Retry-After")))
        if status != 200 or "taskId" not in said:
            raise RefusedError(_why(status, said), for_good=status not in _NOT_THIS_ONE)
        return said.get("stop") is True

    def close(self) -> None:
        """Let go of the connection; the next report opens another."""
        self._connection.close()

    def _exchange(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        was_open = self._connection.sock is not None
        try:
            return self._ask(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not was_open or isinstance(error, TimeoutError):
                raise UnreachedError(_words(error)) from error
        try:
            return self._ask(
                body
            )  # the server had hung up on a connection that was quiet, or has started anew
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise UnreachedError(_words(error)) from error

    def _ask(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        self._connection.request("POST", self._path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()


def _object(body: bytes) -> dict[str, Any]:
    try:
        said: object = json.loads(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _why(status: int, said: dict[str, Any]) -> str:
    """Return what the server says against a report; another kind of server says nothing that we know."""
    error: object = said.get("error")
    if not isinstance(error, dict):
        return f"there is no TrainWatch server (HTTP {status})"
    return str(cast("dict[str, object]", error).get("message"))


def _seconds(text: str | None) -> float:
    return float(text) if text is not None and text.isascii() and text.isdigit() else 0.0


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
