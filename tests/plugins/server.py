"""Starts our own command line as a person would, for tests that need a whole server."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwatch.supervisor.attempt import Handle
from trainwatch.supervisor.stop import request_stop

_PORTS = range(20_000, 32_000)
_turns = itertools.count(os.getpid() * 3_001)  # tests that run side by side begin far from each other

_READY_WITHIN_S = 30.0
_STOPPED_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; everything it keeps is in `data_dir`."""

    url: str
    process: subprocess.Popen[bytes]
    data_dir: Path
    log_file: Path
    ready_after_s: float


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, another one each time.

    It is not one that the kernel gives to whoever asks for any: such a one could be gone before a server has started on it.
    """
    while True:
        port = _PORTS[next(_turns) % len(_PORTS)]
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serving(
    data_dir: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
    keeps_jobs: bool = False,
    program: Sequence[str] = ("-m", "trainwatch"),
) -> Iterator[Server]:
    """Run `trainwatch serve` on `data_dir` with more `options`; it is stopped at the end, and its real jobs are.

    `environment` is added to ours; `program` is what Python runs in place of `trainwatch`. The working directory is `data_dir`, not the source folder.
    """
    port = port or free_port()
    data_dir.mkdir(parents=True, exist_ok=True)
    address = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--data-dir",
        str(data_dir),
        "--no-browser",
        "--link",
    ]
    log_file = data_dir.with_suffix(".log")
    with log_file.open("ab") as log:
        said_before = log.tell()
        started_at = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *program, "serve", *address, *options],
            cwd=data_dir,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, log_file, said_before)
        yield Server(url, process, data_dir, log_file, time.monotonic() - started_at)
    finally:
        _stop(process)
        if not keeps_jobs:  # for the next server
            _end_jobs(data_dir / "attempts")


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log_file: Path, said_before: int) -> None:
    """Wait until it answers and has said how to sign in, which is the last that it says."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while not (b"/sign-in#" in log_file.read_bytes()[said_before:] and _answers(f"{url}/healthz")):
        if process.poll() is not None or time.monotonic() > deadline:
            state = f"ended with {process.returncode}" if process.poll() is not None else "does not answer"
            raise AssertionError(f"the server {state}:\n{log_file.read_text()}")
        time.sleep(0.01)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"the server did not stop within {_STOPPED_WITHIN_S:.0f} s of SIGTERM") from None


def _end_jobs(attempts: Path) -> None:
    """End what jobs of the server still run: they outlive it on purpose."""
    deadline = time.monotonic() + _STOPPED_WITHIN_S
    for folder in attempts.iterdir() if attempts.is_dir() else ():
        with contextlib.suppress(FileNotFoundError, ValueError):
            while isinstance(request_stop(folder, "the test", at=time.time(), now=True), Handle):
                assert time.monotonic() < deadline, f"{folder} goes on"
                time.sleep(0.02)
