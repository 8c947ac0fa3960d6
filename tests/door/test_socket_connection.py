"""A websocket whose client does not read is hung up on, whatever the application is waiting for."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
import websocket
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.plugins.wire import request
from trainwatch.door.socket_connection import SocketConnection

LARGE = bytes(1 << 16)
MUCH = 200
"""So many `LARGE` ones fit into nobody's buffers."""

HANDSHAKE = request(
    "GET",
    "/",
    b"",
    connection="upgrade",
    upgrade="websocket",
    sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
    sec_websocket_version="13",
).replace(b"connection: close\r\n", b"")


class Hasty(SocketConnection):
    """Gives everybody a fifth of a second."""

    read_within_s = 0.2


class Narrow(Hasty):
    """Lets the kernel take little, so that what is said stays with us, but not enough of it to wait before the next word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        super().connection_made(transport)


class Patient(SocketConnection):
    """Gives everybody more time than a test has."""

    read_within_s = 600


class Talker:
    """Sends `count` messages, then ends."""

    def __init__(self, count: int, message: bytes = LARGE) -> None:
        self.count = count
        self.message = message
        self.ended = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            with contextlib.suppress(OSError):
                for _ in range(self.count):
                    await send({"type": "websocket.send", "bytes": self.message})
                    await asyncio.sleep(0)
        finally:
            self.ended.set()


@contextmanager
def served(app: ASGIApp, kind: type[SocketConnection], **settings: float) -> Iterator[uvicorn.Server]:
    """Serve `app` in a thread on connections of that kind."""
    config = uvicorn.Config(
        app,
        ws=kind,
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="critical",
        **settings,  # type: ignore[arg-type]
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        server.config.port = listener.getsockname()[1]
        yield server
        server.should_exit = server.force_exit = True
        thread.join()


@contextmanager
def visiting(server: uvicorn.Server) -> Iterator[socket.socket]:
    """Open a websocket and do not read from it."""
    with socket.socket() as connection:
        connection.settimeout(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.config.port))
        connection.sendall(HANDSHAKE)
        yield connection


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.01)


def test_who_does_not_read_is_hung_up_on():
    app = Talker(10**9)
    with served(app, Hasty) as server, visiting(server):
        assert app.ended.wait(10)
        until(lambda: not server.server_state.connections)


def test_who_does_not_answer_a_ping_is_hung_up_on_though_there_is_much_still_to_be_read():
    app = Talker(10**9)
    with served(app, Patient, ws_ping_interval=0.1, ws_ping_timeout=0.1) as server, visiting(server):
        assert app.ended.wait(10)
        until(lambda: not server.server_state.connections)


def test_who_answers_pings_is_left_alone_though_nothing_else_is_said():
    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    with served(listens, Hasty, ws_ping_interval=0.05, ws_ping_timeout=10) as server:
        talk = websocket.create_connection(f"ws://127.0.0.1:{server.config.port}/", timeout=10)
        heard = [talk.recv_data(control_frame=True)[0] for _ in range(8)]
        assert heard == [websocket.ABNF.OPCODE_PING] * 8
        assert server.server_state.connections
        talk.close()


def test_what_was_said_last_must_be_read_in_time_as_well():
    app = Talker(1, bytes(48 << 10))
    with served(app, Narrow) as server, visiting(server):
        assert app.ended.wait(10)
        assert server.server_state.connections
        until(lambda: not server.server_state.connections)


@pytest.mark.parametrize("kind", [Hasty, Patient])
def test_who_reads_gets_everything(kind: type[SocketConnection]):
    app = Talker(MUCH)
    with served(app, kind) as server, visiting(server) as connection:
        size = 0
        with contextlib.suppress(ConnectionResetError):
            while data := connection.recv(1 << 20):
                size += len(data)
        assert size > MUCH * len(LARGE)
        until(lambda: not server.server_state.connections)


@pytest.mark.parametrize(
    "longer",
    [
        HANDSHAKE.replace(b"GET / ", b"GET /?" + b"x" * 9_000 + b" "),
        HANDSHAKE.replace(b"\r\n\r\n", b"\r\ncookie: " + b"x" * 9_000 + b"\r\n\r\n"),
        HANDSHAKE.replace(b"\r\n\r\n", b"\r\na: b" * 200 + b"\r\n\r\n"),
    ],
    ids=["address", "header", "headers"],
)
def test_a_handshake_that_is_too_long_is_answered(longer: bytes):
    with (
        served(Talker(0), Patient) as server,
        socket.create_connection(("127.0.0.1", server.config.port), 10) as it,
    ):
        it.sendall(longer)
        answer = b""
        while data := it.recv(65536):
            answer += data
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"the websocket's handshake cannot be read" in answer
