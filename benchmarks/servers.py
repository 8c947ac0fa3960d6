"""Servers to measure: TrainWatch and the floor, each a process of its own on a free loopback port."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_S = 30.0
STOP_S = 10.0
TRAINWATCH = (sys.executable, "-m", "trainwatch")


class NotServingError(Exception):
    """The server ended, or did not answer in time; holds what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers; whoever started it ends it."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    start_s: float

    @property
    def url(self) -> str:
        """Its address, with no slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def resident_bytes(self) -> int:
        """Return the resident memory of the server and of all that it started."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], check=True, capture_output=True, text=True
        )
        processes = [[int(word) for word in row.split()] for row in listed.stdout.splitlines()]
        family = {self.process.pid}
        for pid, parent, _ in sorted(processes):
            family |= {pid} if parent in family else set()
        return sum(kilobytes for pid, _, kilobytes in processes if pid in family) * 1024

    def processor_s(self) -> float:
        """Return how many seconds of a processor the server itself has had (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> float:
        """Ask it to end and return how many seconds that took; after 10 s it is killed."""
        asked = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.perf_counter() - asked

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    """Return a loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_trainwatch(
    folder: Path, *, port: int | None = None, env: Mapping[str, str] | None = None
) -> Server:
    """Start TrainWatch on the data in `folder` and wait until it answers."""
    port = port or free_port()
    command = (*TRAINWATCH, "serve", "--port", str(port), "--data-dir", str(folder), "--no-browser")
    return _start(command, port=port, folder=folder, env=env)


def start_floor(folder: Path) -> Server:
    """Start the floor with its database in `folder` and wait until it answers."""
    port = free_port()
    command = (
        sys.executable,
        "-m",
        "benchmarks.floor",
        "--port",
        str(port),
        "--database",
        str(folder / "floor.db"),
    )
    return _start(command, port=port, folder=folder, env=None)


def start_broadcaster(folder: Path) -> Server:
    """Start the least that can push and wait until it answers."""
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.broadcaster", "--port", str(port))
    return _start(command, port=port, folder=folder, env=None)


def start_unguarded(folder: Path) -> Server:
    """Start TrainWatch without its guard and wait until it answers."""
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.unguarded", "serve", "--port", str(port))
    return _start((*command, "--data-dir", str(folder), "--no-browser"), port=port, folder=folder, env=None)


@contextlib.contextmanager
def trainwatch(*, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A TrainWatch with no data, with `env` beside ours, ended and cleaned up at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="trainwatch-bench-", ignore_cleanup_errors=True) as folder,
        running(start_trainwatch(Path(folder), env={**os.environ, **(env or {})})) as server,
    ):
        yield server


@contextlib.contextmanager
def floor() -> Iterator[Server]:
    """A floor with no data, ended and cleaned up at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="trainwatch-floor-", ignore_cleanup_errors=True) as folder,
        running(start_floor(Path(folder))) as server,
    ):
        yield server


@contextlib.contextmanager
def broadcaster() -> Iterator[Server]:
    """The least that can push, ended and cleaned up at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="trainwatch-push-", ignore_cleanup_errors=True) as folder,
        running(start_broadcaster(Path(folder))) as server,
    ):
        yield server


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Give `server` and end it at the end."""
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def _start(command: Sequence[str], *, port: int, folder: Path, env: Mapping[str, str] | None) -> Server:
    printed = folder / "printed.log"
    with printed.open("ab") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env or os.environ
        )
    while not answers(port):
        if process.poll() is not None or time.perf_counter() - began > START_S:
            process.kill()
            process.wait()
            raise NotServingError(printed.read_text(errors="replace")[-2000:])
        time.sleep(0.002)
    return Server(process=process, port=port, folder=folder, start_s=time.perf_counter() - began)


def answers(port: int) -> bool:
    """Return whether /healthz is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
