"""From a POST to the changed pixel in Chromium, and the bytes of the frames that carry it."""

import asyncio
import http.client
import itertools
import json
import time
from collections.abc import Iterator

from playwright.sync_api import Page

from benchmarks import browser, load, servers, watchers
from benchmarks.dashboard import fill, rows_drawn
from benchmarks.figures import Figure, median, percentile

TASK = "pixel 0"
BAR_DRAWN = rows_drawn(1)

_WATCH = """
() => {
  window.painted = [];
  let last = null;
  const look = () => {
    const bar = document.querySelector('.progress-bar');
    const width = bar && bar.style.width;
    if (!width || width === last) return;
    last = width;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () =>
        window.painted.push([parseFloat(width), performance.timeOrigin + performance.now()]);
      channel.port2.postMessage(0);
    });
  };
  new MutationObserver(look).observe(document.body,
    {attributes: true, subtree: true, childList: true, attributeFilter: ['style']});
  look();
}
"""


class Poster:
    """Posts to one task over one kept connection."""

    def __init__(self, port: int, task: str) -> None:
        """Post to `task` on `port`."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._task = task

    def post(self, **fields: object) -> int:
        """Post a report with `fields` and return the id of its task."""
        body = json.dumps({"taskName": self._task, "gpuName": "GPU 0", **fields})
        self._connection.request("POST", "/hook", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {answer[:300]!r}")
        return int(json.loads(answer)["taskId"])


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the delays with the room full and busy, then the sizes of frames."""
    pages, posts = (10, 15) if quick else (50, 90)
    with servers.trainwatch() as ours, browser.chromium() as chromium:
        poster = Poster(ours.port, TASK)
        task = poster.post(progress=0.001, step=0, metrics={"loss": 2.5})
        with browser.drawn(chromium, f"{ours.url}/tasks/{task}", BAR_DRAWN) as (page, seen):
            crowd = watchers.gather(seen.recipe(), pages)
            noise = load.start(
                load.Load(port=ours.port, clients=4, prefix="pixel", pace=200 / 3, seconds=posts * 0.11 + 5)
            )
            delays = delays_to_paint(page, poster, posts)
            load.finish(noise)
            frames = crowd.leave()
        yield Figure(
            name=f"POST to pixel, {pages} pages, median", value=median(delays), unit="ms", at_most=50
        )
        yield Figure(
            name="POST to pixel, 95th percentile", value=percentile(delays, 95), unit="ms", at_most=150
        )
        yield Figure(name="posts that were never painted", value=posts - len(delays), unit="", at_most=0)
        yield Figure(name="frames that the idlest of the pages was sent", value=min(frames), unit="")
    yield from _sizes(quick=quick)


def delays_to_paint(page: Page, poster: Poster, posts: int) -> list[float]:
    """Post a new progress again and again; return the milliseconds until each was painted."""
    page.evaluate(_WATCH)
    page.wait_for_timeout(1000)
    skew = _skew_ms(page)
    sent: dict[int, float] = {}
    for percent in range(1, posts + 1):
        sent[percent] = time.time() * 1000
        poster.post(progress=percent / 100)
        time.sleep(max(0.0, 0.1 + percent % 7 / 1000 - (time.time() - sent[percent] / 1000)))
    page.wait_for_timeout(1000)
    painted: dict[int, float] = {}
    for width, at_ms in page.evaluate("window.painted"):
        painted.setdefault(round(width), at_ms)
    return [painted[percent] - skew - at_ms for percent, at_ms in sent.items() if percent in painted]


def _skew_ms(page: Page) -> float:
    """Return how far the page's clock is ahead of ours, by the quickest of 30 questions."""
    answers: list[tuple[float, float]] = []
    for _ in range(30):
        before = time.time() * 1000
        theirs = page.evaluate("performance.timeOrigin + performance.now()")
        after = time.time() * 1000
        answers.append((after - before, theirs - (before + after) / 2))
    return min(answers)[1]


def _sizes(*, quick: bool) -> Iterator[Figure]:
    """Yield the bytes of a frame for a small and a large history, few tasks and many."""
    points, tasks = (5_000, 100) if quick else (100_000, 1000)
    with servers.trainwatch() as ours:
        fill(ours.port, 9)
        poster = Poster(ours.port, "history")
        task = poster.post(progress=0.101, step=0, metrics={"loss": 2.5})
        steps = itertools.count(1_000_000)
        rooms = {"task": f"/tasks/{task}", "dashboard": "/"}
        recipes = {room: _recipe(ours.url + path) for room, path in rooms.items()}
        load.run(load.Load(port=ours.port, kind="columnar", clients=1, prefix="history", amount=100))
        small = {room: _frame(recipe, poster, steps) for room, recipe in recipes.items()}
        load.run(load.Load(port=ours.port, kind="columnar", clients=1, prefix="history", amount=points))
        long = _frame(recipes["task"], poster, steps)
        fill(ours.port, tasks - 1)
        many = _frame(recipes["dashboard"], poster, steps)
    yield Figure(name="frame of a task after 100 points", value=small["task"], unit="bytes")
    yield Figure(
        name=f"frame of a task after {points:,} points",
        value=long,
        unit="bytes",
        floor=small["task"],
        at_most=small["task"] * 1.05,
    )
    yield Figure(name="frame of the dashboard with 10 tasks", value=small["dashboard"], unit="bytes")
    yield Figure(
        name=f"frame of the dashboard with {tasks:,} tasks",
        value=many,
        unit="bytes",
        floor=small["dashboard"],
        at_most=small["dashboard"] * 1.05,
    )


def _recipe(url: str) -> watchers.Recipe:
    """Return what a real page at `url` says on its websocket."""
    with browser.chromium() as chromium, browser.drawn(chromium, url, BAR_DRAWN) as (page, seen):
        page.wait_for_timeout(500)
        return seen.recipe()


def _frame(recipe: watchers.Recipe, poster: Poster, steps: Iterator[int]) -> float:
    return asyncio.run(_measure_frame(recipe, poster, steps))


async def _measure_frame(recipe: watchers.Recipe, poster: Poster, steps: Iterator[int]) -> float:
    """Return the median of the bytes that one report with one point makes a page receive."""
    async with watchers.watching(recipe) as watcher:
        await asyncio.sleep(2)
        sizes: list[int] = []
        for _ in range(15):
            before = len(watcher.arrived)
            await asyncio.to_thread(poster.post, step=next(steps), metrics={"loss": 0.512345})
            await asyncio.sleep(0.25)
            sizes.append(sum(watcher.arrived[before:]))
    return median(sizes)
