"""One connection to a server, over the network or through the socket file of its data directory."""

import json
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from trainwatch import errors
from trainwatch.client.address import check_url
from trainwatch.client.exchange import FAILURES, exchange
from trainwatch.console import Console
from trainwatch.errors import SettingsError, TrainwatchError, UnauthorizedError, UnavailableError

PATIENCE_S = 10.0
MOST_BYTES = 64 << 20
"""How long an answer may be: a thousand events of a task, or a thousand tasks, are less."""

_LONGEST_WHY = 2_000

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_KINDS = {
    kind.code: kind
    for kind in (
        errors.BadRequestError,
        errors.InvalidReportError,
        errors.TooLargeError,
        errors.NotFoundError,
        errors.ConflictError,
        errors.UnauthorizedError,
        errors.ForbiddenError,
        errors.UnavailableError,
    )
}

Answer = tuple[int, dict[str, Any]]


class Wire:
    """Asks the server at one address; those who ask at once wait for each other."""

    def __init__(
        self, name: str, connect: Callable[[], HTTPConnection], *, prefix: str = "", key: str | None = None
    ) -> None:
        """Ask through a connection from `connect`, which is kept; `name` is what people call the server."""
        self._name = name
        self._connect = connect
        self._prefix = prefix
        self._headers = {"Content-Type": "application/json", "User-Agent": "trainwatch"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._lock = threading.Lock()
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Return status and content of an answer that a TrainWatch server gave; 4xx may be one.

        Raises:
            UnavailableError: If there is none now; the server may have understood all the same.
            TrainwatchError: If it comes from something else than a TrainWatch server.
        """
        with self._lock:
            status, raw = self._exchange(method, path, body)
        if status == 429:
            raise UnavailableError(f"{self._name} says that there are too many requests (HTTP 429)")
        if status in _TRY_AGAIN:
            raise UnavailableError(f"{self._name} answered HTTP {status}")
        content = _object(raw)
        if content is None or (status >= 400 and not isinstance(content.get("error"), dict)):
            if status == 401:
                raise UnauthorizedError(f"{self._name} wants a sign-in (HTTP 401)")
            raise TrainwatchError(f"{self._name} is no TrainWatch server: it answered HTTP {status}")
        return status, content

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._hang_up()

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        was_open = self._connection is not None
        try:
            return self._once(method, path, body)
        except FAILURES as error:
            self._hang_up()
            if not was_open or isinstance(error, TimeoutError):
                raise self._unreached(error) from error
        try:
            return self._once(method, path, body)  # it had hung up on a connection that was quiet
        except FAILURES as error:
            self._hang_up()
            raise self._unreached(error) from error

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self._connect()
        request = (method, self._prefix + path, body, self._headers)
        answer = exchange(self._connection, request, patience_s=PATIENCE_S, most_bytes=MOST_BYTES)
        return answer.status, answer.body

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _unreached(self, error: Exception) -> UnavailableError:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return UnavailableError(f"{self._name} does not answer: {str(why)[:_LONGEST_WHY]}")


def wire_to_url(url: str, key: str | None) -> Wire:
    """Return a wire to the server at `url`, which may have a path in front of the server's own.

    Raises:
        SettingsError: If it is no address of a server, or `key` no key.
    """
    try:
        check_url(url)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    key = (key or "").strip() or None
    if key is not None and not (key.isascii() and key.isprintable()):
        raise SettingsError("the key holds characters that no key has")
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    host, port = parts.hostname or "", parts.port
    name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    prefix = parts.path.rstrip("/")
    return Wire(name, lambda: kind(host, port, timeout=PATIENCE_S), prefix=prefix, key=key)


def key_of_environment(url: str, environ: Mapping[str, str]) -> str | None:
    """Return the key that `environ` has for the server at `url`.

    None in a job, whose key speaks of that job alone, and where `environ` names another server.
    """
    if "TRAINWATCH_TASK_ID" in environ or environ.get("TRAINWATCH_URL", url).rstrip("/") != url.rstrip("/"):
        return None
    return environ.get("TRAINWATCH_KEY")


def wire_to_folder(data_dir: Path) -> Wire:
    """Return a wire to the server that runs on `data_dir`, through its socket file."""
    return Wire(f"the server on {data_dir}", lambda: Console(data_dir))


def error_from(said: Mapping[str, Any]) -> TrainwatchError:
    """Return the error that a server told of."""
    kind = _KINDS.get(str(said.get("code")), TrainwatchError)
    field = said.get("field")
    return kind(str(said.get("message"))[:_LONGEST_WHY], field=field if isinstance(field, str) else None)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        said: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", said) if isinstance(said, dict) else None
