"""The dashboard with 1,000 tasks in Chromium."""

import http.client
import json
from collections.abc import Iterator

from benchmarks import browser, servers
from benchmarks.curve import BLANK_DRAWN, get
from benchmarks.figures import Figure, median


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield time, bytes and requests until the rows are painted, and the time of the list by HTTP."""
    tasks = 100 if quick else 1000
    took: list[float] = []
    floor: list[float] = []
    seen = browser.Drawn()
    with servers.trainwatch() as ours, servers.floor() as bare:
        fill(ours.port, tasks)
        with browser.chromium() as chromium:
            for _ in range(2 if quick else 5):
                with browser.drawn(chromium, bare.url, BLANK_DRAWN) as (_page, blank):
                    floor.append(blank.ms)
                with browser.drawn(chromium, ours.url, rows_drawn(min(tasks, 20))) as (_page, seen):
                    took.append(seen.ms)
        connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=30)
        listed = [get(connection, "/api/tasks?limit=100")[0] for _ in range(20)]
    base = median(floor)
    yield Figure(name=f"{tasks:,} tasks drawn", value=median(took), unit="ms", floor=base, at_most=1500)
    yield Figure(name="on the wire, with an empty cache", value=seen.bytes / 1000, unit="kB")
    yield Figure(name="requests", value=seen.requests, unit="")
    yield Figure(name="list of 100 by HTTP, median", value=median(listed), unit="ms")


def rows_drawn(count: int) -> str:
    """Return the JavaScript that says whether `count` bars are there."""
    return f"document.querySelectorAll('.progress-bar').length >= {count}"


def fill(port: int, tasks: int) -> None:
    """Make `tasks` running tasks, each with a few points."""
    reports = [
        {
            "taskName": f"task {number}",
            "gpuName": f"GPU {number % 8}",
            "progress": (1 + number % 97) / 100,
            "currentEpoch": 1 + number % 10,
            "totalEpochs": 10,
            "step": step,
            "metrics": {"loss": 2.5 / (1 + step + number % 7)},
        }
        for number in range(tasks)
        for step in range(5)
    ]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for first in range(0, len(reports), 2000):
        body = json.dumps(reports[first : first + 2000])
        connection.request("POST", "/hook", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {answer[:300]!r}")
