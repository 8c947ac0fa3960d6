"""A connection that begins and does not go on is hung up on; who is merely slow is served."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import websocket
from starlette.types import Receive, Scope, Send

from tests.plugins.wire import request
from trainwatch.console import Console, listening
from trainwatch.door.connection import MOST_HEAD_BYTES, Connection
from trainwatch.door.connection_limits import ConnectionLimits
from trainwatch.door.reader_watch import LEAST_BYTES
from trainwatch.door.socket_connection import SocketConnection

PATIENCE_S = 0.2
LARGE = bytes(1 << 16)


class Hasty(Connection):
    """Gives everybody a fifth of a second, and takes three."""

    whole_within_s = PATIENCE_S
    limits = ConnectionLimits(most=3)


class Endless:
    """Answers `/endless` for as long as the client stays, anything else with the length of its body.

    Of the answer to `/later` only the head comes; `/slow` is answered when `may_answer` is set. A websocket
    is an echo.
    """

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.may_answer = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _echo(scope["path"], receive, send)
            return
        if scope["path"] == "/large":
            await _answer(send, 64 * LARGE)
            return
        if scope["path"] == "/early":
            await _answer(send, b"too long")
            return
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ended.set()
                return
            size, more = size + len(message["body"]), message["more_body"]
        if scope["path"] == "/slow":
            await asyncio.to_thread(self.may_answer.wait, 10)
        if scope["path"] not in ("/endless", "/later"):
            await _answer(send, b"%d" % size)
            return
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/later":
            await gone
        while not gone.done():
            await send({"type": "http.response.body", "body": LARGE, "more_body": True})
            await asyncio.sleep(0)
        self.ended.set()


async def _echo(path: str, receive: Receive, send: Send) -> None:
    await receive()
    if path == "/refused":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def _answer(send: Send, body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


class Crowded(Hasty):
    """Takes eight, two of them from one address, as if none of this machine were shared."""

    limits = ConnectionLimits(most=8, shared=())


@contextmanager
def served(app: Any, *more: socket.socket, kind: type[Connection] = Hasty) -> Iterator[tuple[str, int]]:
    """Serve `app` in a thread, on `more` listeners too, and give its address."""
    config = uvicorn.Config(
        app, http=kind, ws=SocketConnection, lifespan="off", log_level="critical", timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener, *more]})
        thread.start()
        yield listener.getsockname()
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def app() -> Endless:
    return Endless()


@pytest.fixture
def address(app: Endless) -> Iterator[tuple[str, int]]:
    with served(app) as address:
        yield address


def rest_of(connection: socket.socket) -> bytes:
    """Return everything until the server hangs up."""
    heard = b""
    while data := connection.recv(65536):
        heard += data
    return heard


WHOLE = request("POST", "/", b"x" * 100).replace(b"connection: close\r\n", b"")
UNFINISHED = {
    "nothing": b"",
    "half a line": WHOLE[:9],
    "half a head": WHOLE[:60],
    "half a body": WHOLE[:-50],
    "half a chunk": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
}


def test_head_and_body_of_an_answer_come_together(address: tuple[str, int]):
    with socket.create_connection(address) as connection:
        connection.sendall(WHOLE)
        assert connection.recv(65536).endswith(b"\r\n\r\n100")
        connection.sendall(WHOLE)
        assert connection.recv(65536).endswith(b"\r\n\r\n100")


def test_the_head_of_an_answer_does_not_wait_for_its_body(app: Endless, address: tuple[str, int]):
    with socket.create_connection(address) as connection:
        connection.sendall(request("GET", "/later"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert app.ended.wait(10)


@pytest.mark.parametrize("case", UNFINISHED)
def test_a_request_that_does_not_arrive_is_given_up(address: tuple[str, int], case: str):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(UNFINISHED[case])
        heard = rest_of(connection)
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b"was not whole within 0.2 s" in heard


def test_the_application_is_told_that_the_rest_will_not_come(address: tuple[str, int], app: Endless):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(UNFINISHED["half a body"])
        assert app.ended.wait(5)


def test_the_next_request_of_a_connection_has_to_arrive_as_well(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(WHOLE + WHOLE[:20])
        heard = rest_of(connection)
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in heard


def test_line_ends_between_requests_do_not_keep_a_connection(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"\r\n")
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection_between_requests_is_kept(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.settimeout(2 * PATIENCE_S)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(5)
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_the_rest_of_a_body_that_was_answered_early_is_not_taken_for_a_request(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(request("POST", "/early", b"x" * 300_000).replace(b"connection: close\r\n", b""))
        heard = connection.recv(65536)
        assert heard.startswith(b"HTTP/1.1 200 ")
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_head_without_end_is_refused(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * (MOST_HEAD_BYTES + 1))
        assert b"HTTP/1.1 431 " in rest_of(connection)


def test_what_is_not_http_is_refused_in_the_shape_of_all_errors(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00")
        heard = rest_of(connection)
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert b'{"ok":false,"error":{"code":"bad_request","field":null,' in heard
    assert b"x-content-type-options: nosniff" in heard


def test_who_does_not_read_the_answer_is_hung_up_on(address: tuple[str, int], app: Endless):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(request("GET", "/endless"))
        assert app.ended.wait(10)


HANDSHAKE = request(
    "GET",
    "/",
    connection="upgrade",
    upgrade="websocket",
    sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
    sec_websocket_version="13",
).replace(b"connection: close\r\n", b"")
SLOW = request("GET", "/slow").replace(b"connection: close\r\n", b"")


def stays_silent(connection: socket.socket) -> bool:
    """Whether nothing is heard for twice as long as a request may take."""
    connection.settimeout(2 * PATIENCE_S)
    try:
        return connection.recv(65536) is None
    except TimeoutError:
        return True
    finally:
        connection.settimeout(5)


@contextmanager
def talking(address: tuple[str, int]) -> Iterator[websocket.WebSocket]:
    """Open a websocket that answers with what it is told."""
    talk = websocket.create_connection(f"ws://{address[0]}:{address[1]}/", timeout=5)
    try:
        yield talk
    finally:
        talk.close()


def test_a_websocket_stays_open_though_nothing_is_said(address: tuple[str, int]):
    with talking(address) as talk:
        assert talk.sock is not None
        assert stays_silent(talk.sock)
        talk.send("still here")
        assert talk.recv() == "still here"


def test_a_websocket_stays_open_while_it_is_used(address: tuple[str, int]):
    with talking(address) as talk:
        ends_at = time.monotonic() + 3 * PATIENCE_S
        while time.monotonic() < ends_at:
            talk.send("word")
            assert talk.recv() == "word"


def test_a_websocket_on_a_connection_that_was_used_before_stays_open(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(HANDSHAKE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 101 ")
        assert stays_silent(connection)


def test_a_connection_whose_websocket_was_refused_is_closed(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(HANDSHAKE.replace(b"GET / ", b"GET /refused "))
        assert rest_of(connection).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("more", "status"),
    [(WHOLE[:20], 408), (WHOLE[:-50], 408), (b"\x16\x03\x01", 400), (HANDSHAKE, 400)],
    ids=["half a head", "half a body", "no HTTP", "a websocket"],
)
def test_what_is_wrong_with_the_next_request_is_not_said_in_the_middle_of_an_answer(
    address: tuple[str, int], app: Endless, more: bytes, status: int
):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(SLOW + more)
        assert stays_silent(connection)
        app.may_answer.set()
        heard = rest_of(connection)
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert f"\r\n\r\n0HTTP/1.1 {status} ".encode() in heard


def test_all_that_was_whole_is_answered_before_what_is_not_is_refused(address: tuple[str, int], app: Endless):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(SLOW + WHOLE + WHOLE[:-50].replace(b"POST / ", b"POST /last "))
        app.may_answer.set()
        heard = rest_of(connection)
    assert [heard.count(status) for status in (b"HTTP/1.1 200 ", b"HTTP/1.1 408 ")] == [2, 1]
    assert heard.index(b"HTTP/1.1 408 ") > heard.rindex(b"HTTP/1.1 200 ")


def test_who_sends_slowly_is_served_for_as_long_as_it_goes_on(address: tuple[str, int]):
    body = bytes(12 * LEAST_BYTES)
    with socket.create_connection(address, timeout=5) as connection:
        raw = request("POST", "/", body)
        head, pieces = (
            raw[: -len(body)],
            [body[at : at + LEAST_BYTES] for at in range(0, len(body), LEAST_BYTES)],
        )
        connection.sendall(head)
        for piece in pieces:
            time.sleep(PATIENCE_S / 4)
            connection.sendall(piece)
        assert rest_of(connection).endswith(b"\r\n\r\n%d" % len(body))


def test_who_sends_by_drops_is_given_up(address: tuple[str, int]):
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(request("POST", "/", bytes(LEAST_BYTES))[:-LEAST_BYTES])
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                time.sleep(PATIENCE_S / 10)
                connection.sendall(b"x")
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


def test_who_reads_slowly_gets_the_whole_answer(address: tuple[str, int]):
    size = 64 * len(LARGE)
    with socket.socket() as connection:
        connection.settimeout(5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.connect(address)
        connection.sendall(request("GET", "/large"))
        heard = 0
        while data := connection.recv(1 << 15):
            heard += len(data)
            time.sleep(PATIENCE_S / 20)
    assert heard > size


def test_an_idle_connection_is_not_taken_for_one_that_does_not_read(address: tuple[str, int], app: Endless):
    with socket.create_connection(address, timeout=5) as connection:
        for _ in range(3):
            connection.sendall(WHOLE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert stays_silent(connection)
        connection.sendall(SLOW)
        assert stays_silent(connection)
        app.may_answer.set()
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_one_connection_too_many_is_told_so(address: tuple[str, int]):
    connections = [socket.create_connection(address, timeout=5) for _ in range(4)]
    heard = rest_of(connections[-1])
    assert heard.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in heard
    for connection in connections:
        connection.close()


def test_the_console_gets_in_whoever_holds_all_connections_and_takes_none_of_them(
    app: Endless, tmp_path: Path
):
    with listening(tmp_path) as console, served(app, console) as address, contextlib.ExitStack() as held:
        with socket.create_connection(
            address, timeout=5
        ) as first:  # answered when the other one is listened to
            first.sendall(request("GET", "/"))
            assert rest_of(first).startswith(b"HTTP/1.1 200 ")
        owners = [Console(tmp_path) for _ in range(4)]
        for each in owners:
            each.request("GET", "/")
            assert each.getresponse().read() == b"0"
        crowd = [held.enter_context(socket.create_connection(address, timeout=5)) for _ in range(4)]
        assert rest_of(crowd.pop()).startswith(b"HTTP/1.1 503 ")
        for each in crowd:
            each.sendall(WHOLE)
            assert each.recv(65536).startswith(b"HTTP/1.1 200 ")
        owners[0].request("GET", "/")
        assert owners[0].getresponse().read() == b"0"
        for each in owners:
            each.close()


def test_one_address_cannot_have_all_connections(app: Endless):
    with served(app, kind=Crowded) as address, contextlib.ExitStack() as held:

        def come(here: str) -> socket.socket:
            return held.enter_context(socket.create_connection(address, timeout=5, source_address=(here, 0)))

        first, _, third = come("127.0.0.2"), come("127.0.0.2"), come("127.0.0.2")
        assert b"too many connections are open from this address" in rest_of(third)
        other = come("127.0.0.3")
        other.sendall(WHOLE)
        assert other.recv(65536).startswith(b"HTTP/1.1 200 ")
        first.sendall(request("GET", "/"))
        assert rest_of(first).startswith(b"HTTP/1.1 200 ")
        again = come("127.0.0.2")
        again.sendall(WHOLE)
        assert again.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_websocket_counts_as_a_connection_of_its_address(app: Endless):
    with (
        served(app, kind=Crowded) as address,
        talking(address),
        talking(address),
        socket.create_connection(address, timeout=5) as third,
    ):
        assert rest_of(third).startswith(b"HTTP/1.1 503 ")
