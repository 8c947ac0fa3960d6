"""One process that serves everything on one socket."""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Generator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TextIO, cast

import structlog
import uvicorn

from trainwatch.domain.text import as_line
from trainwatch.door.connection import Connection
from trainwatch.door.connection_limits import ConnectionLimits, limits_of
from trainwatch.door.forwarded import ForwardedHeaders
from trainwatch.door.socket_connection import SocketConnection
from trainwatch.errors import DataDirLockedError, SettingsError
from trainwatch.services.log_limit import LOG_LIMIT
from trainwatch.settings import Addresses, Settings
from trainwatch.store.engine import Database
from trainwatch.store.write_lock import IS_OWNED_ELSEWHERE
from trainwatch.ui.site import serving_site

OnReady = Callable[[str], object]
"""Called with the address of a one-time sign-in link."""

MAX_SOCKET_MESSAGE_BYTES = 1 << 20
MOST_FILES = 4096
SHUTDOWN_S = 1
SWITCH_S = 0.001
"""How long the writer's thread may keep the event loop waiting for the interpreter; Python's own 5 ms are felt."""


@contextmanager
def listen(host: str, port: int) -> Generator[socket.socket]:
    """Give a listening socket, taken before anything else is touched.

    Raises:
        SettingsError: If the address is in use, or no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}", field="port") from error
        yield listener


def run(
    database: Database,
    settings: Settings,
    sockets: list[socket.socket],
    *,
    addresses: Addresses,
    on_ready: OnReady,
) -> None:
    """Serve on `sockets` until SIGTERM or SIGINT; the server is reached at `addresses`.

    `on_ready` is called when the first request can be answered.
    """
    _quieten()
    files = _allow_many_files()
    sys.setswitchinterval(SWITCH_S)
    environ = dict(os.environ)  # before Reflex and what it is told are in it
    with serving_site():
        from trainwatch.trainwatch import serve_on  # noqa: PLC0415 - imports the page, which reads its folder

        served = serve_on(database, settings, addresses, environ)
    application = served.application
    if settings.trust_proxy:
        application = ForwardedHeaders(application, settings.trust_proxy)
    config = uvicorn.Config(
        application,
        loop="auto",
        http=_connections(limits_of(files, settings.trust_proxy)),
        ws=SocketConnection,
        ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=SHUTDOWN_S,
        lifespan="on",
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        server = _Server(config, served.make_link, on_ready)
        runner.run(server.serve(sockets=sockets))
    if served.is_lost():
        raise DataDirLockedError(IS_OWNED_ELSEWHERE)


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends well when it is asked to end."""

    def __init__(self, config: uvicorn.Config, make_link: Callable[[], str], on_ready: OnReady) -> None:
        super().__init__(config)
        self._make_link = make_link
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End well; uvicorn would raise the signal once more after it, as if nobody had asked for the end."""
        if self.should_exit:
            os._exit(128 + sig)  # asked twice: at once; what was acknowledged is safe as it is
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.set_threshold(20_000, 20, 20)
        gc.freeze()  # what is here now stays: a full collection would walk half a million objects, in 0.1 s
        if self.started:
            await asyncio.to_thread(self._on_ready, self._make_link())


class _Terminal:
    """Standard error; a line that it cannot take, on a full disk or after `| head`, is dropped.

    Else the writer would stumble over its own complaint, and never write again.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def _connections(of: ConnectionLimits) -> type[Connection]:
    """Return the class of connections that keep within these limits."""

    class LimitedConnection(Connection):
        limits = of

    return LimitedConnection


def _in_one_line(_logger: object, _method: str, facts: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Write out in log lines what would end them, or make a terminal do something: others chose some of those words."""
    return {name: as_line(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def _allow_many_files() -> int:
    """Return how many files may be open: a connection is one, and the usual limit of 1,024 is less than we take."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(MOST_FILES, most) if most != resource.RLIM_INFINITY else MOST_FILES
    if least != resource.RLIM_INFINITY and least < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        return wanted
    return MOST_FILES if least == resource.RLIM_INFINITY else least


def _quieten() -> None:
    """Let only what matters reach the terminal, one line each."""
    logging.getLogger("engineio.server").setLevel(logging.CRITICAL)  # it blames us for what it is sent
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(LOG_LIMIT)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            LOG_LIMIT,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            _in_one_line,
            # The usual way to show an exception would print every local value, what people sent included.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Terminal())),
    )
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
