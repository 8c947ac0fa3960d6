"""A load generator in a process of its own: keep-alive clients that post as fast as they are answered."""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

from benchmarks import bodies
from benchmarks.figures import percentile

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send: `kind` is "single", "columnar" or "reports".

    Singles go on for `seconds`, at `pace` a second or, with 0, as fast as they are answered; of the
    other kinds `amount` points or reports are sent.
    """

    port: int
    key: str = ""
    kind: str = "single"
    clients: int = 16
    tasks: int = 1
    prefix: str = "bench"
    seconds: float = 4.0
    amount: int = 0
    pace: float = 0.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came back; `refused` counts answers that were not 200, `lost` connections that broke."""

    answers: int = 0
    refused: int = 0
    lost: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    first_refusal: str = ""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass(slots=True)
class _Run:
    """What the clients of one load share."""

    source: Iterator[bytes]
    deadline: float
    gap_s: float
    head: bytes
    latencies: list[float] = field(default_factory=list[float])
    outcome: Outcome = field(default_factory=Outcome)

    def take(self) -> bytes | None:
        """Return the next body, or None when it is time to end."""
        return next(self.source, None) if time.perf_counter() < self.deadline else None


class _Client(asyncio.Protocol):
    """One keep-alive connection: a request, its whole answer, the next request."""

    def __init__(self, run: _Run, loop: asyncio.AbstractEventLoop) -> None:
        self._run = run
        self._loop = loop
        self._buffer = b""
        self._sent_at = 0.0
        self.ended = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._send()

    def _send(self) -> None:
        body = self._run.take()
        if body is None:
            self.ended.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._run.head % len(body) + body)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        length = _LENGTH.search(self._buffer) if end >= 0 else None
        if length is None or len(self._buffer) < end + 4 + int(length.group(1)):
            return
        answer, self._buffer = self._buffer, b""
        self._note(answer)
        if self._run.gap_s:
            rest = self._run.gap_s - (time.perf_counter() - self._sent_at)
            self._loop.call_later(max(0.0, rest), self._send)
        else:
            self._send()

    def _note(self, answer: bytes) -> None:
        run = self._run
        run.latencies.append(time.perf_counter() - self._sent_at)
        run.outcome.answers += 1
        if answer[9:12] != b"200":
            run.outcome.refused += 1
            run.outcome.first_refusal = run.outcome.first_refusal or answer.decode("latin-1")[:600]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self._run.outcome.lost += 1
            self.ended.set_result(None)


def _head(key: str) -> bytes:
    """Return the head of every request; %d stands for the length of its body."""
    shown = f"Authorization: Bearer {key}\r\n" if key else ""
    usual = "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    return f"POST /hook HTTP/1.1\r\n{usual}{shown}\r\n".encode()


def _source(load: Load) -> Iterator[bytes]:
    if load.kind == "columnar":
        return iter(list(bodies.columnar(load.prefix, load.amount)))
    if load.kind == "reports":
        return iter(list(bodies.report_lists(load.prefix, load.amount)))
    return bodies.singles(load.tasks, load.prefix)


async def _drive(load: Load) -> Outcome:
    source = _source(load)
    began = time.perf_counter()
    deadline = began + (load.seconds if load.kind == "single" else 600.0)
    run = _Run(source, deadline, load.clients / load.pace if load.pace else 0.0, _head(load.key))
    loop = asyncio.get_running_loop()
    clients = [_Client(run, loop) for _ in range(load.clients)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", load.port)
    await asyncio.gather(*(client.ended for client in clients))
    outcome = run.outcome
    outcome.seconds = time.perf_counter() - began
    outcome.p50_ms = percentile(run.latencies, 50) * 1000
    outcome.p99_ms = percentile(run.latencies, 99) * 1000
    return outcome


def start(load: Load) -> subprocess.Popen[str]:
    """Start `load` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(load))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a load that was started, and return what came back."""
    printed, _ = process.communicate()
    return Outcome(**json.loads(printed))


def run(load: Load) -> Outcome:
    """Run `load` in a process of its own to its end."""
    return finish(start(load))


def main() -> None:
    """Run the load given as JSON and print its outcome as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("load", type=json.loads)
    load = Load(**parser.parse_args().load)
    sys.stdout.write(json.dumps(asdict(uvloop.run(_drive(load)))))


if __name__ == "__main__":
    main()
