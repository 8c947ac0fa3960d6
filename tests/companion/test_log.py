"""What a command prints is in its task's log, byte for byte, and nobody waits for that."""

import hashlib
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.companion.runs import WITHIN_S, Runs, python, until
from tests.plugins.server import free_port, serving
from tests.plugins.wire import get
from trainwatch.client.hook import RefusedError, UnreachedError
from trainwatch.companion.copying import MOST_HELD_BYTES, Copy


def downloaded(runs: Runs, name: str) -> bytes:
    with urllib.request.urlopen(f"{runs.url}/api/tasks/{runs.task(name)['id']}/log/download") as answer:
        body: bytes = answer.read()
        return body


class Shelf:
    """A hook that keeps what it is told to append, and refuses or misses as often as it is told."""

    def __init__(self, *mishaps: Exception) -> None:
        self.mishaps = list(mishaps)
        self.pieces: list[tuple[int, bytes]] = []
        self.is_closed = threading.Event()

    def append(self, task_id: int, data: bytes, *, offset: int) -> None:
        assert task_id == 7
        if self.mishaps:
            raise self.mishaps.pop(0)
        self.pieces.append((offset, data))

    def close(self) -> None:
        self.is_closed.set()


def test_the_log_of_a_command_is_what_it_printed(runs: Runs):
    name = runs.name()
    printed = b"one\n\x1b[32mtwo\x1b[0m\n" + "drei ü\n".encode() + b"\x00\xff\n" + b"x" * 300_000
    done = runs.done(["cat"], "--name", name, input=printed)
    assert done.stdout == printed
    assert downloaded(runs, name) == printed
    task = runs.task(name)
    assert task["hasLog"]
    told = get(runs.url, f"/api/tasks/{task['id']}/log?from=0&count=2").json()
    assert [line["spans"] for line in told["lines"]] == [[{"t": "one"}], [{"t": "two", "fg": 2}]]


def test_both_outputs_are_in_the_log_while_it_runs(runs: Runs):
    name = runs.name()
    process = runs.pipes(
        ["sh", "-c", "echo out; echo err >&2; read x"], "--name", name, stdin=subprocess.PIPE
    )
    until(lambda: runs.tasks(name))
    until(lambda: sorted(downloaded(runs, name).split()) == [b"err", b"out"])
    assert runs.task(name)["status"] == "running"
    process.communicate(b"\n", timeout=WITHIN_S)


def test_the_log_keeps_lines_of_two_channels_apart(runs: Runs):
    name = runs.name()
    program = """
import os, time
for number in range(20):
    for channel, printed in ((2, "\\r%3d%%|###| %d/20"), (1, "loss: "), (2, " [00:01<00:02]"), (1, "%d.5\\n")):
        os.write(channel, (printed.replace("%d", str(number)).replace("%3d%%", "%d%%" % number)).encode())
        time.sleep(0.006)
"""
    done = runs.done(python(program), "--name", name)
    assert done.stdout == b"".join(b"loss: %d.5\n" % number for number in range(20))
    lines = downloaded(runs, name).split(b"\n")
    assert [line for line in lines if line.startswith(b"loss")] == done.stdout.splitlines()
    assert b"".join(line for line in lines if not line.startswith(b"loss")) == done.stderr


def test_who_wants_no_log_has_none(runs: Runs):
    name = runs.name()
    assert runs.done(["echo", "between us"], "--name", name, "--no-log").stdout == b"between us\n"
    task = runs.task(name)
    assert (task["status"], task["hasLog"]) == ("complete", False)
    assert downloaded(runs, name) == b""


def test_a_flood_is_in_the_log_as_far_as_there_was_time(runs: Runs):
    name = runs.name()
    program = "import sys\nfor n in range(200): sys.stdout.buffer.write(b'%099d\\n' % n * 1000)"
    done = runs.done(python(program), "--name", name)
    assert len(done.stdout) == 20_000_000
    log = downloaded(runs, name)
    assert log.endswith(b"%099d\n" % 199)
    lines = [line for line in log.split(b"\n") if line and not line.startswith(b"[")]
    whole = {b"%099d" % n for n in range(200)}
    assert sum(line not in whole for line in lines) <= 2 * log.count(b"bytes of the log are not kept")


def test_a_server_that_is_killed_and_comes_back_has_the_whole_log(runs: Runs, tmp_path: Path):
    port, data_dir = free_port(), tmp_path / "data"
    with serving(data_dir, port=port) as server:
        runs.url = server.url
        name = runs.name()
        command = ["sh", "-c", "echo before; read x; echo between; read x; echo after"]
        process = runs.pipes(
            command, "--name", name, stdin=subprocess.PIPE, env={"TRAINWATCH_URL": server.url}
        )
        until(lambda: runs.tasks(name))
        until(lambda: downloaded(runs, name) == b"before\n")
        server.process.kill()
        server.process.wait()
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert process.stdout.readline() + process.stdout.readline() == b"before\nbetween\n"
    with serving(data_dir, port=port):
        process.communicate(b"\n", timeout=WITHIN_S)
        assert downloaded(runs, name) == b"before\nbetween\nafter\n"


@pytest.fixture
def copy() -> Copy:
    return Copy()


def never() -> bool:
    return False


def test_what_was_printed_before_there_was_a_task_is_sent_as_well(copy: Copy):
    shelf = Shelf()
    copy.take(b"early ")
    copy.start(shelf)  # type: ignore[arg-type]
    copy.take(b"late")
    copy.belong_to(7)
    copy.finish(WITHIN_S, never)
    assert b"".join(data for _, data in shelf.pieces) == b"early late"
    assert shelf.is_closed.wait(WITHIN_S)


def test_a_piece_that_was_not_taken_is_sent_again(copy: Copy):
    shelf = Shelf(UnreachedError("away"), UnreachedError("away"))
    copy.belong_to(7)
    copy.take(b"all")
    copy.start(shelf)  # type: ignore[arg-type]
    copy.finish(WITHIN_S, never)
    assert shelf.pieces == [(0, b"all")]


def test_a_server_that_keeps_no_logs_is_left_alone(copy: Copy):
    shelf = Shelf(RefusedError("no such address", for_good=True))
    copy.belong_to(7)
    copy.start(shelf)  # type: ignore[arg-type]
    copy.take(b"one")
    assert shelf.is_closed.wait(WITHIN_S)
    copy.take(b"two")
    copy.finish(WITHIN_S, never)
    assert shelf.pieces == []
    assert not copy._held


def test_of_too_much_the_newest_is_held_and_stands_where_it_was_printed(copy: Copy):
    shelf, printed = Shelf(), b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(100_000))
    for at in range(0, len(printed), 10_000):
        copy.take(printed[at : at + 10_000])
    copy.belong_to(7)
    copy.start(shelf)  # type: ignore[arg-type]
    copy.finish(WITHIN_S, never)
    assert all(printed[offset : offset + len(data)] == data for offset, data in shelf.pieces)
    kept = sum(len(data) for _, data in shelf.pieces)
    assert MOST_HELD_BYTES // 2 <= kept <= MOST_HELD_BYTES
    last, data = shelf.pieces[-1]
    assert last + len(data) == len(printed)


def test_whole_pieces_follow_each_other_as_soon_as_a_server_takes_them(copy: Copy):
    shelf = Shelf()
    copy.belong_to(7)
    copy.start(shelf)  # type: ignore[arg-type]
    began = time.monotonic()
    for number in range(1, 21):
        copy.take(b"x" * (MOST_HELD_BYTES // 2))
        until(lambda number=number: len(shelf.pieces) == number)
    assert time.monotonic() - began < 2.5  # with a rest of a quarter of a second after each it is five
    copy.finish(WITHIN_S, never)


def test_nobody_waits_for_a_task_that_never_was(copy: Copy):
    copy.start(Shelf())  # type: ignore[arg-type]
    copy.take(b"lost")
    copy.finish(WITHIN_S, lambda: pytest.fail("it waited"))
