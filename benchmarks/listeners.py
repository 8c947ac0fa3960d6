"""Many programs that listen to the progress of tasks, in a process of their own."""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field

import uvloop
import websockets.asyncio.client as ws
from websockets.exceptions import ConnectionClosed

from benchmarks.figures import percentile

SENT_AT = b" at "
"""What stands in each change before the monotonic nanoseconds at which it was posted."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How many changes each listener heard, and how many milliseconds after they were posted."""

    counts: list[int]
    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float


@dataclass(slots=True)
class Audience:
    """Listeners in a process of their own."""

    process: subprocess.Popen[str]

    def leave(self) -> Heard:
        """Let them leave and return what they heard."""
        printed, _ = self.process.communicate("\n")
        return Heard(**json.loads(printed.splitlines()[-1]))


def gather(url: str, count: int) -> Audience:
    """Open `count` websockets and return when all of them are ready."""
    command = [sys.executable, "-m", "benchmarks.listeners", url, str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return Audience(process)


@dataclass(slots=True)
class _Listener:
    delays_ms: list[float] = field(default_factory=list[float])

    async def listen(self, url: str, ready: asyncio.Barrier) -> None:
        async with ws.connect(url, max_size=None, compression=None) as connection:
            while b'"ready"' not in await connection.recv(decode=False):
                pass
            await ready.wait()
            try:
                while True:
                    self._hear(await connection.recv(decode=False))
            except ConnectionClosed:
                return

    def _hear(self, text: bytes) -> None:
        now_ns = time.monotonic_ns()
        begin = text.rindex(SENT_AT) + len(SENT_AT)
        sent_ns = int(text[begin : text.index(b'"', begin)])
        self.delays_ms.append((now_ns - sent_ns) / 1e6)


async def _audience(url: str, count: int) -> None:
    listeners = [_Listener() for _ in range(count)]
    ready = asyncio.Barrier(count + 1)
    listening = [asyncio.create_task(each.listen(url, ready)) for each in listeners]
    await ready.wait()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    for each in listening:
        each.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    delays = [delay for each in listeners for delay in each.delays_ms]
    p50, p95, p99 = (percentile(delays, percent) for percent in (50, 95, 99))
    heard = Heard([len(each.delays_ms) for each in listeners], p50, p95, p99, max(delays, default=0))
    sys.stdout.write(json.dumps(asdict(heard)))


def main() -> None:
    """Listen at an address until there is a line on the standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("count", type=int)
    wanted = parser.parse_args()
    uvloop.run(_audience(wanted.url, wanted.count))


if __name__ == "__main__":
    main()
