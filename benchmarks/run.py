"""What `trainwatch run` costs the command that it runs: time, delay, memory; and how soon a Stop arrives."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import servers
from benchmarks.figures import Figure, median, percentile

MEGABYTE = 1_000_000
_PYTHON = (sys.executable, "-I", "-S", "-c")
_TICKS = os.sysconf("SC_CLK_TCK")

_BUSY = "import time\nfor _ in range({rounds}): sum(range(1_000_000))\nprint(time.process_time())"
_PACED = """
import time
began = time.monotonic()
for tick in range({ticks}):
    rest = began + tick / {ticks_per_s} - time.monotonic()
    if rest > 0: time.sleep(rest)
    for line in range({lines}): print("step", tick, "loss: 0.25 at", time.monotonic_ns(), flush=True)
"""
_READY_TO_STOP = """
import signal, sys, time
def end(*_):
    print(time.monotonic_ns(), flush=True)
    sys.exit()
signal.signal(signal.SIGINT, end)
print("ready", flush=True)
while True: time.sleep(1)
"""


class Cost(NamedTuple):
    """What one execution took: from start to end, of the processors for itself, and for what was beside it."""

    wall_s: float
    own_s: float
    beside_s: float


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the cost of a busy command, the delay of lines, memory, signs of life and stops."""
    with servers.trainwatch() as server, _installed():
        yield from _start(server, quick=quick)
        yield from _busy(server, quick=quick)
        yield from _lines(
            server, "10 lines/s, terminal", quick=quick, in_terminal=True, lines=1, ticks_per_s=10
        )
        yield from _lines(
            server, "10,000 lines/s, terminal", quick=quick, in_terminal=True, lines=10, ticks_per_s=1000
        )
        yield from _lines(
            server, "10,000 lines/s, pipe", quick=quick, in_terminal=False, lines=10, ticks_per_s=1000
        )
        yield from _quiet(server, quick=quick)
        yield from _stops(server, quick=quick)


@contextlib.contextmanager
def _installed() -> Iterator[None]:
    """Let our programs have their bytecode, as an installed one has, and leave none in the source folder."""
    with tempfile.TemporaryDirectory(prefix="trainwatch-bytecode-") as folder:
        before = dict(os.environ)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _ours(server: servers.Server, command: Sequence[str], *options: str) -> list[str]:
    return [*servers.TRAINWATCH, "run", "--url", server.url, *options, "--", *command]


def _start(server: servers.Server, *, quick: bool) -> Iterator[Figure]:
    """From the Enter key to the command's first byte, and to the shell's next prompt."""
    first: list[float] = []
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(5 if quick else 30):
        for argv, firsts, wholes in ((["echo"], bare, []), (_ours(server, ["echo"]), first, whole)):
            began = time.perf_counter()
            with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                process.stdout.read(1)
                firsts.append(time.perf_counter() - began)
            wholes.append(time.perf_counter() - began)
    yield Figure(name="first byte of echo", value=median(first), unit="s", floor=median(bare), at_most=0.3)
    yield Figure(name="echo, until the shell goes on", value=median(whole), unit="s", floor=median(bare))


def _busy(server: servers.Server, *, quick: bool) -> Iterator[Figure]:
    """A command that computes; the best of several turns, for the machine has other things to do as well."""
    second = _timed([*_PYTHON, _BUSY.format(rounds=100)]).wall_s / 100
    program = _BUSY.format(rounds=int((4 if quick else 20) / second))
    alone: list[Cost] = []
    watched: list[Cost] = []
    for _ in range(2 if quick else 5):
        alone.append(_timed([*_PYTHON, program]))
        watched.append(_timed(_ours(server, [*_PYTHON, program])))
    base, ours = min(alone), min(watched)
    beside_s = min(cost.beside_s for cost in watched) - min(cost.beside_s for cost in alone)
    yield Figure(name="busy command", value=ours.wall_s, unit="s", floor=base.wall_s)
    yield Figure(name="… more time", value=100 * (ours.wall_s / base.wall_s - 1), unit="%", at_most=1)
    yield Figure(name="… processor time beside it", value=100 * beside_s / base.wall_s, unit="%", at_most=1)


def _timed(command: Sequence[str]) -> Cost:
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    wall_s, after = time.perf_counter() - began, os.times()
    spent_s = after.children_user + after.children_system - before.children_user - before.children_system
    own_s = float(done.stdout)
    return Cost(wall_s, own_s, spent_s - own_s)


def _lines(
    server: servers.Server, name: str, *, quick: bool, in_terminal: bool, lines: int, ticks_per_s: int
) -> Iterator[Figure]:
    """How long after it was printed a line is there, without us and with us."""
    seconds = 3 if quick else 10
    program = _PACED.format(ticks=seconds * ticks_per_s, ticks_per_s=ticks_per_s, lines=lines)
    command = [*_PYTHON, program]
    read = _read_terminal if in_terminal else _read_pipe
    base, _ = read(command)
    delays, peak = read(_ours(server, command))
    first = lines * ticks_per_s
    for percent in (50, 99):
        ours, floor = percentile(delays[first:], percent), percentile(base[first:], percent)
        yield Figure(name=f"{name}: delay, p{percent}", value=ours, unit="ms", floor=floor, at_most=10)
    worst, floor = max(delays[:first]), max(base[:first])
    yield Figure(name=f"{name}: worst in the first second", value=worst, unit="ms", floor=floor)
    yield Figure(name=f"{name}: lines missing", value=len(base) - len(delays), unit="", at_most=0)
    yield Figure(name=f"{name}: peak resident", value=peak / MEGABYTE, unit="MB", at_most=30)


def _read_pipe(command: Sequence[str]) -> tuple[list[float], int]:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        return _read(process.stdout.fileno(), process.pid)


def _read_terminal(command: Sequence[str]) -> tuple[list[float], int]:
    pid, handle = pty.fork()
    if not pid:
        os.execv(command[0], list(command))
    try:
        return _read(handle, pid)
    finally:
        os.waitpid(pid, 0)
        os.close(handle)


def _read(handle: int, pid: int) -> tuple[list[float], int]:
    """Return the delay of each line in milliseconds, and the most memory that the process had."""
    delays: list[float] = []
    rest, peak = b"", 0
    while True:
        try:
            data = os.read(handle, 1 << 16)
        except OSError:
            data = b""
        now_ns = time.monotonic_ns()
        if not data:
            return delays, peak
        if len(delays) % 100 < 10:
            peak = max(peak, _peak_bytes(pid))
        *whole, rest = (rest + data).split(b"\n")
        delays += [(now_ns - int(line.split()[-1])) / 1e6 for line in whole if b" at " in line]


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _quiet(server: servers.Server, *, quick: bool) -> Iterator[Figure]:
    """What it costs that commands which print nothing are heard of each second."""
    seconds, many = (5 if quick else 20), 10
    idle_s = _spent(server.process.pid, seconds)
    with contextlib.ExitStack() as stack:
        quiet = [
            stack.enter_context(subprocess.Popen(_ours(server, ["sleep", str(seconds + 5)])))
            for _ in range(many)
        ]
        time.sleep(2)
        before = sum(_processor_s(each.pid) for each in quiet)
        busy_s = _spent(server.process.pid, seconds)
        ours_s = sum(_processor_s(each.pid) for each in quiet) - before
    beats = seconds * many
    yield Figure(
        name="sign of life: companion's processor", value=1000 * ours_s / beats, unit="ms", at_most=10
    )
    yield Figure(name="sign of life: server's processor", value=1000 * (busy_s - idle_s) / beats, unit="ms")


def _spent(pid: int, seconds: float) -> float:
    before = _processor_s(pid)
    time.sleep(seconds)
    return _processor_s(pid) - before


def _stops(server: servers.Server, *, quick: bool) -> Iterator[Figure]:
    """From the Stop button to SIGINT in the command."""
    waits: list[float] = []
    for turn in range(3 if quick else 20):
        command = _ours(server, [*_PYTHON, _READY_TO_STOP], "--name", f"stopped {turn}")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            task = _task_of(server, f"stopped {turn}")
            time.sleep(0.1 * turn)
            asked_ns = time.monotonic_ns()
            _ask(server, f"/api/tasks/{task}/stop", b"{}")
            told = process.stdout.readline()
            if process.wait(30) in (0, 128 + signal.SIGINT) and told:
                waits.append((int(told) - asked_ns) / 1e9)
    yield Figure(name="Stop to SIGINT, median", value=median(waits), unit="s")
    yield Figure(name="Stop to SIGINT, worst", value=max(waits, default=float("nan")), unit="s", at_most=1.5)


def _task_of(server: servers.Server, name: str) -> int:
    while True:
        found = _ask(server, f"/api/tasks?q={name.replace(' ', '%20')}")["tasks"]
        if found:
            return found[0]["id"]
        time.sleep(0.02)


def _ask(server: servers.Server, path: str, body: bytes | None = None) -> dict[str, list[dict[str, int]]]:
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}{path}", body)) as answer:
        return json.load(answer)
