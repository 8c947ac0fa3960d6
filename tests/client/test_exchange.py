"""Whatever is at the other end: an answer is bounded in bytes and in time, or it is a failure of a known kind."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from trainwatch.client.exchange import FAILURES, exchange
from trainwatch.client.hook import Hook, RefusedError, UnreachedError

WITHIN_S = 15.0
PATIENCE_S = 0.6
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Line = socket.socket
Behaviour = Callable[[Line], None]


def says(*pieces: bytes, pause_s: float = 0.0, times: int = 1) -> Behaviour:
    """Say that, so many times; then hang up."""

    def behave(line: Line) -> None:
        for _ in range(times):
            for piece in pieces:
                line.sendall(piece)
                if pause_s:
                    time.sleep(pause_s)

    return behave


def body(content: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content


def mute(line: Line) -> None:
    line.recv(1)


FOR_EVER = 1_000_000
HOSTILE: dict[str, Behaviour] = {
    "any length": says(HEAD + b"Content-Length: 99999999999\r\n\r\n{}"),
    "a length below zero": says(HEAD + b"Content-Length: -1\r\n\r\n", b"x" * 65536, times=FOR_EVER),
    "a body without an end": says(HEAD + b"\r\n", *[b"x" * 65536] * 64, times=FOR_EVER),
    "chunks without an end": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 99,
        times=FOR_EVER,
    ),
    "a chunk below zero": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", *[b"x" * 65536] * 99, times=FOR_EVER
    ),
    "a chunk of no size": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n"),
    "trailers without an end": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", *[b"a: b\r\n" * 9999] * 99, times=FOR_EVER
    ),
    "headers without an end": says(HEAD, *[b"a: b\r\n"] * 999, times=FOR_EVER),
    "a header without an end": says(HEAD + b"a: ", *[b"b" * 65536] * 99, times=FOR_EVER),
    "continue for ever": says(*[b"HTTP/1.1 100 Continue\r\n\r\n" * 99], times=FOR_EVER),
    "a slow drip of headers": says(HEAD, *[b"a"] * 60, pause_s=0.1),
    "a slow drip of a body": says(HEAD + b"Content-Length: 60\r\n\r\n", *[b" "] * 60, pause_s=0.1),
    "nothing": says(),
    "silence": mute,
    "garbage": says(b"\xff\xfe\x00" * 999),
    "a line of garbage": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a status of letters": says(b"HTTP/1.1 abc OK\r\n\r\n"),
    "less than was said": says(HEAD + b"Content-Length: 100\r\n\r\n{}"),
}

NO_ANSWERS = {
    "no body": body(b""),
    "a length of many digits": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "no object": body(b"[]"),
    "a text": body(b'"taskId"'),
    "no JSON": body(b"<html>"),
    "no UTF-8": body(b"\xff\xfe"),
    "deeply nested": body(b"[" * 500_000),
    "an id that is a text": body(b'{"taskId": "1"}'),
    "an id that is a list": body(b'{"taskId": [1]}'),
    "an id that is true": body(b'{"taskId": true}'),
    "an id below zero": body(b'{"taskId": -1}'),
    "an id without an end": body(b'{"taskId": ' + b"9" * 4000 + b"}"),
    "not a number": body(b'{"taskId": NaN}'),
    "another place": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "itself": b"HTTP/1.1 307 Temporary\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "an error of another shape": b"HTTP/1.1 404 No\r\nContent-Length: 14\r\n\r\n{\"error\": \"no\"}",
}  # fmt: skip


@contextlib.contextmanager
def serving(behave: Behaviour) -> Iterator[str]:
    """Serve every connection, one after another, by `behave` once its request has begun."""
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with line:
                    line.recv(65536)
                    behave(line)
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(65536):  # who closes with something unread resets the connection
                        pass

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(WITHIN_S)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_answer_is_known_to_be_none_soon_and_costs_little(name: str):
    with serving(HOSTILE[name]) as url:
        hook = Hook(url, patience_s=PATIENCE_S)
        began = time.monotonic()
        with pytest.raises(UnreachedError) as caught:
            hook.post({"taskName": "t"})
        assert time.monotonic() - began < WITHIN_S
        assert 0 < len(str(caught.value)) < 500
        hook.close()


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_an_answer_of_another_kind_of_server_is_a_refusal_in_one_line(name: str):
    with serving(says(NO_ANSWERS[name])) as url:
        hook = Hook(url, patience_s=5)
        with pytest.raises(RefusedError) as caught:
            hook.post({"taskName": "t"})
        assert caught.value.for_good
        assert "\n" not in str(caught.value)
        hook.close()


@pytest.mark.parametrize("asked", ["5", "999999999", "9" * 400, "-1", "soon", "\u0665"])
def test_how_long_to_wait_is_believed_within_reason(asked: str):
    head = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\nRetry-After: "
    with serving(says(head.encode() + asked.encode() + b"\r\n\r\n{}")) as url:
        hook = Hook(url, patience_s=5)
        with pytest.raises(UnreachedError, match="too many requests") as caught:
            hook.post({"taskName": "t"})
        assert caught.value.answers
        assert 0 <= caught.value.after_s <= 60
        hook.close()


def test_a_long_word_against_a_report_is_cut():
    said = json.dumps({"error": {"message": "no " * 100_000}}).encode()
    answer = b"HTTP/1.1 422 No\r\nContent-Length: %d\r\n\r\n" % len(said) + said
    with serving(says(answer)) as url:
        hook = Hook(url, patience_s=5)
        with pytest.raises(RefusedError) as caught:
            hook.post({"taskName": "t"})
        assert len(str(caught.value)) <= 300
        hook.close()


def test_an_answer_as_long_as_it_may_be_is_read_and_one_byte_more_is_not():
    with serving(says(body(b"x" * 1000))) as url:
        port = int(url.rpartition(":")[2])
        for most, is_read in ((1000, True), (999, False)):
            connection = HTTPConnection("127.0.0.1", port)
            try:
                answer = exchange(connection, ("GET", "/", None, {}), patience_s=5, most_bytes=most)
                assert (len(answer.body), is_read) == (1000, True)
            except FAILURES:
                assert not is_read
            connection.close()
