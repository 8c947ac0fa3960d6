"""Whatever is sent: a 4xx in good time, nothing broken, and nobody else's task touched."""

import contextlib
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugins import hostility
from tests.plugins.server import Server
from tests.plugins.wire import Answer, address_of, get, post, request, say

SLOWEST_S = 8.0
ROWS_THAT_MUST_NOT_BE = {
    "a point that is neither a finite number nor a flag": (
        "SELECT count(*) FROM metric_points WHERE (value IS NULL) = (flag IS NULL) OR abs(value) > 1.7976931348623157e308"
    ),
    "a point of no whole step": "SELECT count(*) FROM metric_points WHERE typeof(step) != 'integer'",
    "a progress outside 0..1": "SELECT count(*) FROM tasks WHERE NOT progress BETWEEN 0 AND 1",
    "a time left that is not finite": "SELECT count(*) FROM tasks WHERE NOT eta_seconds BETWEEN 0 AND 1e300",
    "a bucket that is not finite": (
        'SELECT count(*) FROM metric_buckets WHERE NOT ("min" BETWEEN -1.8e308 AND "max" AND "max" <= 1.7976931348623157e308)'
    ),
}


@pytest.fixture(autouse=True)
def bystander(server: Server) -> Iterator[int]:
    """A task that is nobody's business; untouched, and the database sound, after every test."""
    task: int = post(
        server.url, {"taskName": "bystander", "gpuName": "quiet", "loss": 0.5, "step": 7}
    ).json()["taskId"]
    before = get(server.url, f"/api/tasks/{task}").json()
    yield task
    after = get(server.url, f"/api/tasks/{task}").json()
    assert after["revision"] == before["revision"]
    assert after["metrics"] == {"loss": 0.5}
    with contextlib.closing(
        sqlite3.connect(f"file:{server.data_dir / 'trainwatch.db'}?mode=ro", uri=True)
    ) as database:
        found = {what: database.execute(query).fetchone()[0] for what, query in ROWS_THAT_MUST_NOT_BE.items()}
        assert found == dict.fromkeys(ROWS_THAT_MUST_NOT_BE, 0)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def offence(answer: Answer, *, silence: bool = False) -> str | None:
    """Return what is wrong with `answer`; hanging up is an answer only where `silence` is accepted."""
    if answer.seconds > SLOWEST_S:
        return f"took {answer.seconds:.1f} s"
    if answer.status is None:
        return None if silence else "no answer"
    if answer.status >= 500:
        return f"{answer.status} {answer.body[:200]!r}"
    return None


def offenders(
    cases: Iterator[bytes], send: Callable[[bytes], Answer], *, silence: bool = False
) -> dict[str, str]:
    """Send every case and return those that were answered badly."""
    found = {str(case[:160]): offence(send(case), silence=silence) for case in cases}
    return {case: wrong for case, wrong in found.items() if wrong is not None}


@pytest.mark.parametrize("cases", [hostility.fields, hostility.nested, hostility.shapeless])
def test_a_hostile_body_is_answered_soon_and_never_with_a_5xx(
    server: Server, cases: Callable[[], Iterator[bytes]]
) -> None:
    assert offenders(cases(), lambda body: post(server.url, body)) == {}


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"taskName": "hostile", "progress": 101}', b"\xff"])
def test_a_refusal_says_what_is_wrong_in_one_shape(server: Server, body: bytes) -> None:
    answer = post(server.url, body)

    assert answer.status in {400, 413, 422}
    refusal = answer.json()
    assert refusal["ok"] is False
    errors = refusal.get("errors") or [refusal["error"]]
    assert all(error["code"] and error["message"] and "field" in error for error in errors)


@pytest.mark.parametrize("kind", hostility.CONTENT_TYPES)
def test_a_json_body_is_json_whatever_its_content_type(server: Server, kind: str) -> None:
    answer = post(server.url, {"taskName": "hostile types", "loss": 1}, content_type=kind)

    assert answer.status == 200


def test_a_wrong_head_is_refused_or_hung_up_on(server: Server) -> None:
    answered = offenders(hostility.heads(), lambda raw: say(server.url, raw, hang_up=True), silence=True)

    assert answered == {}


@pytest.mark.parametrize("ending", ["start", "fail", "0", "137", "99999999999999999999", "-1", "x", ""])
def test_a_hostile_name_in_the_path_of_a_trap_harms_nobody(server: Server, ending: str) -> None:
    paths = (f"/hook/{name}/{ending}".encode() for name in hostility.NASTY_NAMES)

    assert offenders(paths, lambda path: post(server.url, b"", path.decode()), silence=True) == {}
    assert not list(Path(server.data_dir).glob("passwd*"))


def test_a_hostile_question_is_never_a_5xx(server: Server, bystander: int) -> None:
    paths = (path.encode() for path in hostility.questions(bystander))

    assert offenders(paths, lambda path: get(server.url, path.decode())) == {}


def test_a_hostile_edit_changes_nothing(server: Server, bystander: int) -> None:
    edits = [
        f'{{"{name}": {value}}}'.encode("utf-8", "surrogatepass")
        for name in ("nope", "id", "status", "revision")
        for value in hostility.NASTY_JSON
    ]
    edits += [*hostility.shapeless()]

    def send(body: bytes) -> Answer:
        return say(server.url, request("PATCH", f"/api/tasks/{bystander}", body))

    assert offenders(iter(edits), send) == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
    ids=str,
)
def test_a_foreign_page_can_neither_read_nor_write(server: Server, headers: dict[str, str]) -> None:
    answers = [
        post(server.url, {"taskName": "from afar", "loss": 1}, **headers),
        get(server.url, "/api/tasks", **headers),
    ]

    assert all(answer.status in {400, 403, 421} for answer in answers)
    assert get(server.url, "/api/tasks?q=from%20afar").json()["total"] == 0


def test_half_sent_requests_hold_up_nobody(server: Server) -> None:
    whole = request("POST", "/hook", b'{"taskName": "hostile", "loss": 1}')
    with contextlib.ExitStack() as stack:
        for length in range(1, len(whole), 2):
            waiting = stack.enter_context(socket.create_connection(address_of(server.url)))
            waiting.sendall(whole[:length])
        answer = post(server.url, {"taskName": "quick", "loss": 1})

    assert offence(answer) is None
    assert answer.status == 200


def test_a_body_that_drips_is_taken_and_holds_up_nobody(server: Server) -> None:
    whole = request("POST", "/hook", b'{"taskName": "dripping", "loss": 1}')
    with socket.create_connection(address_of(server.url), timeout=5) as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(whole)):
            slow.sendall(whole[place : place + 1])
            if place % 20 == 0:
                assert offence(get(server.url, "/healthz")) is None
        assert slow.recv(65536).startswith(b"HTTP/1.1 200")


def test_memory_stays_flat_under_hostility(server: Server) -> None:
    def storm() -> None:
        with ThreadPoolExecutor(8) as senders:
            for _ in range(3):
                list(senders.map(lambda body: post(server.url, body), hostility.shapeless()))

    storm()
    before = resident_bytes(server.process.pid)
    storm()

    assert resident_bytes(server.process.pid) - before < 40_000_000


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
