"""A hundred simulated jobs at once: what they take of the processor, and what is left for a report's way to the screen."""

import http.client
import json
from collections.abc import Iterator

from benchmarks import browser, servers, watchers
from benchmarks.dashboard import rows_drawn
from benchmarks.figures import Figure, median, percentile
from benchmarks.pixel import OF_BAR, TASK, Poster, post_and_watch

JOBS = 100
PER_SECOND = 10
PAGES = 10


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the server's share of a core with ten pages open, and the delays from POST to pixel meanwhile."""
    posts = 30 if quick else 90
    with servers.trainwatch() as ours, browser.chromium() as chromium:
        poster = Poster(ours.port, TASK)
        task = poster.post(progress=0.001, step=0, metrics={"loss": 2.5})
        _start_jobs(ours.port)
        with browser.drawn(chromium, f"{ours.url}/tasks/{task}", rows_drawn(1)) as (page, seen):
            crowd = watchers.gather(seen.recipe(), PAGES - 1)
            before, began_ms = ours.processor_s(), page.evaluate("performance.now()")
            became = post_and_watch(page, lambda done: poster.post(progress=done), posts, OF_BAR)
            spent_s, took_ms = ours.processor_s() - before, page.evaluate("performance.now()") - began_ms
            crowd.leave()
        steps = _steps(ours.port)
    name = f"{JOBS} simulated jobs, {PER_SECOND} points/s each, {PAGES} pages"
    yield Figure(name=f"{name}: processor", value=100_000 * spent_s / took_ms, unit="%", at_most=60)
    yield Figure(name="… POST to pixel, median", value=median(became.delays_ms), unit="ms", at_most=50)
    yield Figure(name="… 95th percentile", value=percentile(became.delays_ms, 95), unit="ms", at_most=150)
    yield Figure(name="… posts that were never shown", value=became.never, unit="", at_most=0)
    yield Figure(
        name="… jobs that did not run", value=JOBS - sum(step > 0 for step in steps), unit="", at_most=0
    )


def _start_jobs(port: int) -> None:
    """Make and start the jobs; they last for longer than anybody looks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wanted = {"modelName": "none", "epochs": 100, "stepsPerEpoch": 1000, "speed": PER_SECOND}
    for number in range(JOBS):
        job = _ask(connection, "/api/training/jobs", {"name": f"job {number}", **wanted})
        _ask(connection, f"/api/training/jobs/{job['id']}/start", {})


def _ask(connection: http.client.HTTPConnection, path: str, body: dict[str, object]) -> dict[str, int]:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status not in (200, 201):
        raise RuntimeError(f"{response.status} {answer[:300]!r}")
    return json.loads(answer)


def _steps(port: int) -> list[int]:
    """Return how far each job is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/api/training/jobs?limit=1000")
    return [job["currentStep"] or 0 for job in json.loads(connection.getresponse().read())["jobs"]]
