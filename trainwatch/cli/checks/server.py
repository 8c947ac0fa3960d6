"""The server: whether one runs on this data and is well, and who has the port."""

import errno
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, cast

from trainwatch import __version__
from trainwatch.cli.checks.finding import Finding, note, ok, problem
from trainwatch.client.exchange import FAILURES, exchange
from trainwatch.console import FILE, Console
from trainwatch.errors import SettingsError
from trainwatch.server import listen
from trainwatch.settings import Settings
from trainwatch.store.lock import owner_of

_PATIENCE_S = 5.0
_NOWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class _Health:
    """What an HTTP server says of itself; `version` is None if it tells strangers none."""

    status: int
    is_trainwatch: bool
    version: str | None
    cookies: str
    failing: tuple[str, ...]


def check_server(settings: Settings) -> tuple[Finding, bool]:
    """Return what is to be said of the server on this data, and whether there is one."""
    console = Console(settings.data_dir)
    console.timeout = _PATIENCE_S
    try:
        console.connect()
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return _without_socket(settings)
    except OSError as error:
        advice = "run trainwatch as the user that the server runs as"
        return problem("server", f"its socket {FILE} cannot be opened: {error.strerror}", advice), True
    health = _ask(console, {})
    if health is None:
        advice = "look at what it printed; if it does not come back, end it and start it again"
        return problem("server", f"one runs, but does not answer within {_PATIENCE_S:g} s", advice), True
    return _about(health), True


def check_port(settings: Settings, *, cookie: str | None, is_serving: bool) -> Finding:
    """Return who has the port; `cookie` is the name by which the server on this data is known."""
    if settings.port == 0:
        return ok("port", "a free one is taken at each start")
    where = f"{settings.host}:{settings.port}"
    try:
        with listen(settings.host, settings.port):
            return ok("port", f"{where} is free")
    except SettingsError as error:
        if not _is_taken(error):
            advice = "name another with --port, or an address of this machine with --host"
            return problem("port", error.message, advice)
    shown = {"Cookie": f"{cookie}=none"} if cookie else {}
    host = _NOWHERE.get(settings.host, settings.host)
    health = _ask(HTTPConnection(host, settings.port, timeout=_PATIENCE_S), shown)
    if health and cookie and health.cookies.startswith(f"{cookie}="):  # it takes the cookie of its name away
        return ok("port", f"{where} is this server's")
    who = "another TrainWatch, on other data," if health and health.is_trainwatch else "another program"
    found = f"{where} is taken: {who} listens there"
    if is_serving:
        return note("port", found, "the server on this data listens elsewhere; it printed where")
    return problem("port", found, "start with another one, for example --port 62223, or end the other")


def _without_socket(settings: Settings) -> tuple[Finding, bool]:
    pid = owner_of(settings.data_dir)
    if pid is None:
        return ok("server", "none runs on this data"), False
    advice = "if that lasts, end it and start it again"
    return note("server", f"process {pid} owns the data and is starting, ending or migrating", advice), True


def _about(health: _Health) -> Finding:
    if health.status != 200:
        return problem("server", "one runs, but cannot write", "see space and database, and what it printed")
    if health.version != __version__:
        found = f"version {health.version} runs, and this program is {__version__}"
        return note("server", found, "start it again to have the same")
    if health.failing:
        found = f"version {health.version} runs, but not all of it: {'; '.join(health.failing)}"
        return problem("server", found, "look at what it printed; it tries again by itself")
    return ok("server", f"runs and answers, version {health.version}")


def _is_taken(error: SettingsError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE


def _ask(connection: HTTPConnection, headers: Mapping[str, str]) -> _Health | None:
    """Return how a server is; None if it does not answer."""
    try:
        answer = exchange(connection, ("GET", "/healthz", None, headers), patience_s=_PATIENCE_S)
        said = _parse(answer.body)
        version = said.get("version")
        return _Health(
            answer.status,
            isinstance(said.get("ok"), bool),
            version if isinstance(version, str) else None,
            answer.headers.get("set-cookie", ""),
            tuple(_failures_in(said)),
        )
    except FAILURES:
        return None
    finally:
        connection.close()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def _failures_in(said: dict[str, Any]) -> Iterator[str]:
    """Yield each background loop that fails, in words."""
    failures: Any = said.get("failing")
    for each in cast("list[Any]", failures) if isinstance(failures, list) else ():
        if isinstance(each, dict):
            failure = cast("dict[str, Any]", each)
            yield f"{failure.get('loop')} failed {failure.get('times')} times since {failure.get('since')}: {failure.get('reason')}"
