"""A server that is killed and started again: how soon the pages that were open all the while are current."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import browser, servers
from benchmarks.dashboard import rows_drawn
from benchmarks.figures import Figure, median
from benchmarks.pixel import TASK, Poster

_TOLD = """(() => {{
  const page = document.querySelector("main").innerText;
  return page.includes("{percentage}%") ? performance.now() : null;
}})()"""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield how long after the new server's first answer the dashboard and a task's page show what it was told."""
    waits: list[float] = []
    with TemporaryDirectory(prefix="trainwatch-bench-", ignore_cleanup_errors=True) as folder:
        server = servers.start_trainwatch(Path(folder))
        poster = Poster(server.port, TASK)
        task = poster.post(progress=0.01, step=0, metrics={"loss": 2.5})
        with (
            browser.chromium() as chromium,
            browser.drawn(chromium, server.url, rows_drawn(1)) as (dashboard, _),
            browser.drawn(chromium, f"{server.url}/tasks/{task}", rows_drawn(1)) as (monitor, _),
        ):
            for percentage in range(2, 5 if quick else 12):
                server.kill()
                server = servers.start_trainwatch(Path(folder), port=server.port)
                ready_at = time.perf_counter()
                Poster(server.port, TASK).post(progress=percentage / 100, step=percentage)
                for page in (dashboard, monitor):
                    browser.wait_for(page, _TOLD.format(percentage=percentage))
                    waits.append(time.perf_counter() - ready_at)
        server.stop()
    yield Figure(name="open pages are current again: median", value=median(waits), unit="s")
    yield Figure(name="… worst", value=max(waits), unit="s", at_most=3)
