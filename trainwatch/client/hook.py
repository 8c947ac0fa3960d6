"""One report to one server, or a piece of a log, and what becomes of it."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from trainwatch.client.exchange import FAILURES, Answer, exchange

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THIS_ONE = frozenset({400, 409, 413, 422})
_LONGEST_REST_S = 60.0
_LONGEST_WHY = 300
_LARGEST_ID = 2**63 - 1


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


class Taken(NamedTuple):
    """What a server says to a report that it has taken: of which task it is, and whether somebody wants that to stop."""

    task_id: int
    stops: bool


class Hook:
    """The hook of one server, over one connection that is kept. Not for several threads at once."""

    def __init__(self, url: str, key: str | None = None, *, patience_s: float = 10.0) -> None:
        """Report to the server at `url`, which `address.check_url` lets pass; each answer may take `patience_s`."""
        self._patience_s = patience_s
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=patience_s)
        self._path = parts.path.rstrip("/")
        self._key = (key or "").strip()
        self._headers = {"User-Agent": "trainwatch"}
        if self._key:
            self._headers["Authorization"] = f"Bearer {self._key}"

    def post(self, report: Mapping[str, object]) -> Taken:
        """Return what the server says to a report, once that is durable.

        Raises:
            UnreachedError: If it may be sent again.
            RefusedError: If it need not.
        """
        said = self._said("/hook", json.dumps(report).encode(), "application/json")
        return Taken(said["taskId"], said.get("stop") is True)

    def append(self, task_id: int, data: bytes, *, offset: int) -> None:
        """Append to the log of a task's first attempt what was printed from byte number `offset` on.

        Raises:
            UnreachedError: If it may be sent again.
            RefusedError: If it need not.
        """
        self._said(f"/api/tasks/{task_id}/log?attempt=1&offset={offset}", data, "application/octet-stream")

    def close(self) -> None:
        """Let go of the connection; the next report opens another."""
        self._connection.close()

    def _said(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        if not (self._key.isascii() and self._key.isprintable()):
            raise RefusedError("the key holds characters that no key has", for_good=True)
        answer = self._exchange(path, body, kind)
        said = _object(answer.body)
        if answer.status in _TRY_AGAIN:
            after_s = _seconds(answer.headers.get("Retry-After"))
            raise UnreachedError(_busy(answer.status), answers=True, after_s=after_s)
        if answer.status != 200 or not _is_id(said.get("taskId")):
            raise RefusedError(_why(answer.status, said), for_good=answer.status not in _NOT_THIS_ONE)
        return said

    def _exchange(self, path: str, body: bytes, kind: str) -> Answer:
        was_open = self._connection.sock is not None
        try:
            return self._ask(path, body, kind)
        except FAILURES as error:
            self.close()
            if not was_open or isinstance(error, TimeoutError):
                raise UnreachedError(_words(error)) from error
        try:
            # the server had hung up on a connection that was quiet, or has started anew
            return self._ask(path, body, kind)
        except FAILURES as error:
            self.close()
            raise UnreachedError(_words(error)) from error

    def _ask(self, path: str, body: bytes, kind: str) -> Answer:
        headers = {**self._headers, "Content-Type": kind}
        request = ("POST", self._path + path, body, headers)
        return exchange(self._connection, request, patience_s=self._patience_s)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _is_id(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said <= _LARGEST_ID


def _busy(status: int) -> str:
    """Return why a server that does answer takes nothing now."""
    if status == 429:
        return "it says that there are too many requests (HTTP 429)"
    return f"it answered HTTP {status}"


def _why(status: int, said: dict[str, Any]) -> str:
    """Return what the server says against a report; another kind of server says nothing that we know."""
    error: object = said.get("error")
    if not isinstance(error, dict):
        return f"there is no TrainWatch server (HTTP {status})"
    why = str(cast("dict[str, object]", error).get("message"))
    return why if len(why) <= _LONGEST_WHY else why[: _LONGEST_WHY - 1] + "…"


def _seconds(text: str | None) -> float:
    """Return what a `Retry-After` asks for, within reason."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) < 10
    return min(float(text or 0), _LONGEST_REST_S) if is_number else 0.0


def _words(error: Exception) -> str:
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(why)[:_LONGEST_WHY]
