"""A keeper that is a server: whatever it answers, the caller hears of one kind of error."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from trainwatch.domain.tracked.change import change_of
from trainwatch.errors import TrainwatchError, UnavailableError
from trainwatch.tracking.server_keeper import ServerKeeper
from trainwatch.tracking.wire import wire_to_url


class Answering(ThreadingHTTPServer):
    """A server that answers everything with one content."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = b"{}"
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.content)))
        self.end_headers()
        self.wfile.write(server.content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[Answering]:
    with Answering() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def keeper(answering: Answering) -> Iterator[ServerKeeper]:
    url = f"http://127.0.0.1:{answering.server_port}"
    keeper = ServerKeeper(wire_to_url(url, None), wire_to_url(url, None))
    yield keeper
    keeper.close()


CALLS: dict[str, Callable[[ServerKeeper], object]] = {
    "keep": lambda keeper: keeper.keep([change_of("start", "t", {"agentId": "a"})]),
    "find": lambda keeper: keeper.find("t"),
    "active": lambda keeper: keeper.active(),
    "wants_stop": lambda keeper: keeper.wants_stop("t"),
}

ODD: list[object] = [
    {}, [], 7, "text", {"rejected": 0, "tasks": None}, {"rejected": 0, "tasks": [7], "errors": {"index": 1}},
    {"rejected": 0, "tasks": [{}], "errors": []}, {"tasks": [{"taskId": []}]}, {"tasks": 7, "stop": "x", "events": 7},
    {"error": "no"}, {"error": {"code": ["x"], "message": {"a": 1}}, "taskId": "t", "action": 3, "criteria": 4},
]  # fmt: skip


@pytest.mark.parametrize("call", [name for name in CALLS if name != "wants_stop"])
@pytest.mark.parametrize("said", ODD, ids=str)
def test_an_answer_of_another_shape_is_that_of_another_kind_of_server(
    answering: Answering, keeper: ServerKeeper, call: str, said: object
):
    answering.content = json.dumps(said).encode()
    with pytest.raises(TrainwatchError):
        CALLS[call](keeper)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [302, 400, 404, 418, 500])
def test_an_error_of_another_shape_is_one_in_words(
    answering: Answering, keeper: ServerKeeper, call: str, status: int
):
    answering.status, answering.content = status, b'{"error": ["no", {}]}'
    with pytest.raises(TrainwatchError, match=r"\w+ \w+"):
        CALLS[call](keeper)


@pytest.mark.parametrize("call", CALLS)
def test_a_server_with_too_many_requests_is_said_to_be_that_and_not_away(
    answering: Answering, keeper: ServerKeeper, call: str
):
    answering.status = 429
    with pytest.raises(UnavailableError, match="too many requests"):
        CALLS[call](keeper)
