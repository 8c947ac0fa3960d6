"""A task with 1,000,000 points: its reduced curve over HTTP, and its page in Chromium."""

import http.client
import json
import time
from collections.abc import Iterator

from benchmarks import browser, load, servers
from benchmarks.figures import Figure, median

SPIKE, DIP = 99.5, -7.25
LINE_DRAWN = "document.querySelector('.js-plotly-plot .js-line')?.getAttribute('d')?.length > 200"
BLANK_DRAWN = "document.querySelector('#drawn') !== null"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield time and size of the answer, whether its extremes are kept, and the time to the drawn line."""
    points = 50_000 if quick else 1_000_000
    with servers.trainwatch() as ours, servers.floor() as bare:
        filled = load.run(
            load.Load(port=ours.port, kind="columnar", clients=1, prefix="curve", amount=points)
        )
        yield Figure(name=f"{points:,} points loaded", value=filled.seconds, unit="s")
        task = _plant(ours.port, {points // 3: SPIKE, points // 2 + 1: DIP})
        path = f"/api/training/{task}/metrics?name=loss&points=1000"
        yield from _answers(ours.port, bare.port, path, rounds=20 if quick else 200)
        yield from _extremes(ours.port, path, points=points)
        yield _page(ours.url, bare.url, f"/tasks/{task}", rounds=2 if quick else 5)


def _plant(port: int, values: dict[int, float]) -> int:
    column = {"steps": list(values), "values": list(values.values())}
    body = json.dumps({"taskName": "curve", "series": {"loss": column}})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/hook", body, {"Content-Type": "application/json"})
    return int(json.load(connection.getresponse())["taskId"])


def get(connection: http.client.HTTPConnection, path: str) -> tuple[float, bytes]:
    """Return how many milliseconds the answer took, and its body."""
    asked = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"GET {path}: {response.status} {body[:300]!r}")
    return (time.perf_counter() - asked) * 1000, body


def _answers(ours: int, bare: int, path: str, *, rounds: int) -> Iterator[Figure]:
    mine = http.client.HTTPConnection("127.0.0.1", ours, timeout=30)
    theirs = http.client.HTTPConnection("127.0.0.1", bare, timeout=30)
    first, body = get(mine, path)
    took: list[float] = []
    floor: list[float] = []
    size = len(get(theirs, "/curve")[1])
    for _ in range(rounds):
        floor.append(get(theirs, "/curve")[0])
        took.append(get(mine, path)[0])
    yield Figure(name="curve in 1,000 points, first answer", value=first, unit="ms", at_most=25)
    yield Figure(
        name="curve in 1,000 points, median", value=median(took), unit="ms", floor=median(floor), at_most=25
    )
    yield Figure(
        name="size of that answer", value=len(body) / 1000, unit="kB", floor=size / 1000, at_most=100
    )


def _extremes(port: int, path: str, *, points: int) -> Iterator[Figure]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    whole = json.loads(get(connection, path)[1])
    kept = sum(extreme in whole["values"] for extreme in (SPIKE, DIP))
    yield Figure(name="planted extremes that are in it, of 2", value=kept, unit="", at_least=2)
    span = f"{path}&from={points // 2 - 400}&to={points // 2 + 400}"
    detail = json.loads(get(connection, span)[1])
    yield Figure(name="points in a zoom on 801 steps", value=len(detail["steps"]), unit="", at_least=801)


def _page(ours: str, bare: str, path: str, *, rounds: int) -> Figure:
    took: list[float] = []
    floor: list[float] = []
    with browser.chromium() as chromium:
        for _ in range(rounds):
            with browser.drawn(chromium, bare, BLANK_DRAWN) as (_page, blank):
                floor.append(blank.ms)
            with browser.drawn(chromium, ours + path, LINE_DRAWN) as (_page, seen):
                took.append(seen.ms)
    return Figure(
        name="page drawn with its line", value=median(took), unit="ms", floor=median(floor), at_most=1500
    )
