"""From a change of a tracked task to everybody who listens: 200 changes a second, 100 listeners."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator

from benchmarks import listeners, servers
from benchmarks.figures import Figure, median, percentile

CLIENTS = 8
PER_SECOND = 200
PADDING = "x" * 900
"""As much as the floor passes on besides, so that its messages are as long as ours."""

Body = Callable[[int], tuple[str, str]]
"""Returns the path and the body that one client posts at that moment."""


class Reporter(threading.Thread):
    """Posts at an even pace over one kept connection, late or not; notes how long each answer took."""

    def __init__(self, port: int, body: Body, *, first_at: float, seconds: float) -> None:
        """Post what `body` returns from the monotonic `first_at` on, for so many seconds."""
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._body = body
        self._moments = [
            first_at + turn * CLIENTS / PER_SECOND for turn in range(int(seconds * PER_SECOND / CLIENTS))
        ]
        self.answers_ms: list[float] = []
        self.refused = 0

    def run(self) -> None:
        """Post everything."""
        for moment in self._moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            began_ns = time.monotonic_ns()
            path, body = self._body(began_ns)
            self._connection.request("POST", path, body)
            response = self._connection.getresponse()
            response.read()
            self.answers_ms.append((time.monotonic_ns() - began_ns) / 1e6)
            self.refused += response.status != 200


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield how long changes take to all listeners, and whether any missed one, beside the floor."""
    seconds, count = (5.0, 100) if quick else (20.0, 100)
    with servers.trainwatch() as ours, servers.broadcaster() as bare:
        bodies = [_tracked(ours.port, f"agents/{number}") for number in range(CLIENTS)]
        floor, _ = _run(bare, [_bare] * CLIENTS, count, seconds)
        before = ours.processor_s()
        heard, reporters = _run(ours, bodies, count, seconds)
        spent_s = ours.processor_s() - before
    posted = sum(len(each.answers_ms) for each in reporters)
    answers = [answer for each in reporters for answer in each.answers_ms]
    name = f"change to {count} listeners, {PER_SECOND} /s"
    yield Figure(name=f"{name}: median", value=heard.p50_ms, unit="ms", floor=floor.p50_ms, at_most=50)
    yield Figure(name="… 95th percentile", value=heard.p95_ms, unit="ms", floor=floor.p95_ms)
    yield Figure(name="… 99th percentile", value=heard.p99_ms, unit="ms", floor=floor.p99_ms)
    yield Figure(name="… worst", value=heard.worst_ms, unit="ms", floor=floor.worst_ms)
    missed = sum(abs(posted - each) for each in heard.counts)
    yield Figure(name="changes missed, or heard twice", value=missed, unit="", at_most=0)
    yield Figure(name="changes refused", value=sum(each.refused for each in reporters), unit="", at_most=0)
    yield Figure(name="answer meanwhile, median", value=median(answers), unit="ms")
    yield Figure(name="answer meanwhile, 99th percentile", value=percentile(answers, 99), unit="ms")
    yield Figure(name="processor meanwhile", value=100 * spent_s / seconds, unit="%")


def _run(
    server: servers.Server, bodies: list[Body], count: int, seconds: float
) -> tuple[listeners.Heard, list[Reporter]]:
    """Let `count` listen while each of `bodies` is posted by a client of its own, in turns."""
    audience = listeners.gather(f"ws://127.0.0.1:{server.port}/ws/progress", count)
    begin = time.monotonic() + 0.5
    reporters = [
        Reporter(server.port, body, first_at=begin + number / PER_SECOND, seconds=seconds)
        for number, body in enumerate(bodies)
    ]
    for reporter in reporters:
        reporter.start()
    for reporter in reporters:
        reporter.join()
    time.sleep(1)  # what is on its way arrives
    return audience.leave(), reporters


def _tracked(port: int, task: str) -> Body:
    """Start a tracked task and return what reports its actions."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", f"/api/progress/{task}/start", json.dumps({"agentId": "bench"}))
    assert connection.getresponse().status == 200
    return lambda now_ns: (
        f"/api/progress/{task}/action",
        json.dumps({"action": "run", "target": f"the tests at {now_ns}", "success": True}),
    )


def _bare(now_ns: int) -> tuple[str, str]:
    return "/", json.dumps({"type": "progress", "data": PADDING, "message": f"the tests at {now_ns}"})
