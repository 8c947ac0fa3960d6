"""From a POST to the changed pixel in Chromium, and the bytes of the frames that carry it."""

import asyncio
import contextlib
import http.client
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

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
    const shown = (%s)();
    if (shown === null || shown === last) return;
    last = shown;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () =>
        window.painted.push([shown, performance.timeOrigin + performance.now()]);
      channel.port2.postMessage(0);
    });
  };
  new MutationObserver(look).observe(document.body,
    {attributes: true, subtree: true, childList: true, characterData: true, attributeFilter: ['style']});
  look();
}
"""
OF_BAR = "() => parseFloat(document.querySelector('.progress-bar')?.style.width) || null"
_OF_TEXT = """() => {
  const found = /"progress":([0-9.]+)/.exec(document.body.textContent);
  return found && Number((parseFloat(found[1]) * 100).toFixed(1));
}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of posts, each of which was newer than the one before.

    `delays_ms` are the milliseconds until each was shown, or a newer one was: `overtaken` are the posts in whose
    place a newer one was painted, `never` those after which nothing as new was.
    """

    delays_ms: list[float]
    overtaken: int
    never: int


def shown(sent: Mapping[int, float], painted: Sequence[tuple[float, float]]) -> Shown:
    """Return what became of the values that were `sent` at times; `painted` are values with theirs, in order."""
    delays: list[float] = []
    overtaken = 0
    for value, sent_ms in sent.items():
        first = next(((shown, at_ms) for shown, at_ms in painted if round(shown) >= value), None)
        if first is not None:
            delays.append(first[1] - sent_ms)
            overtaken += round(first[0]) > value
    return Shown(delays, overtaken, len(sent) - len(delays))


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
    """Yield the delays with the room full and busy beside the floor's, then the sizes of frames."""
    pages, posts = (10, 15) if quick else (50, 90)
    with browser.chromium() as chromium:
        ours, frame, fewest = _ours(chromium, pages, posts)
        floor = _floor(chromium, pages, posts, frame)
    delays, least = ours.delays_ms, floor.delays_ms
    yield Figure(
        name=f"POST to pixel, {pages} pages, median",
        value=median(delays),
        unit="ms",
        floor=median(least),
        at_most=50,
    )
    yield Figure(
        name="POST to pixel, 95th percentile",
        value=percentile(delays, 95),
        unit="ms",
        floor=percentile(least, 95),
        at_most=150,
    )
    yield Figure(name="posts that were never shown", value=ours.never, unit="", at_most=0)
    yield Figure(name="posts overtaken before a paint", value=ours.overtaken, unit="", floor=floor.overtaken)
    yield Figure(name="frames that the idlest of the pages was sent", value=fewest, unit="")
    yield from _sizes(quick=quick)


def _ours(chromium: Browser, pages: int, posts: int) -> tuple[Shown, str, int]:
    """Return what became of the posts, a frame that told of one, and how many frames the idlest page was sent."""
    with servers.trainwatch() as ours:
        poster = Poster(ours.port, TASK)
        task = poster.post(progress=0.001, step=0, metrics={"loss": 2.5})
        with browser.drawn(chromium, f"{ours.url}/tasks/{task}", BAR_DRAWN) as (page, seen):
            crowd = watchers.gather(seen.recipe(), pages)
            with _noise(ours, posts):
                became = post_and_watch(page, lambda done: poster.post(progress=done), posts, OF_BAR)
            return became, seen.heard, min(crowd.leave())


def _floor(chromium: Browser, pages: int, posts: int, frame: str) -> Shown:
    """Return the same of pages that write such a `frame` into a text node, while reports are merely kept."""
    with (
        servers.broadcaster() as bare,
        servers.floor() as keeping,
        browser.drawn(chromium, f"{bare.url}/page", "true") as (page, seen),
    ):
        page.wait_for_function("document.body.textContent.includes('ready')")
        crowd = watchers.gather(seen.recipe(), pages)
        connection = http.client.HTTPConnection("127.0.0.1", bare.port, timeout=30)

        def pass_on(done: float) -> None:
            connection.request("POST", "/", re.sub(r'"progress":[0-9.]+', f'"progress":{done}', frame))
            connection.getresponse().read()

        with _noise(keeping, posts):
            became = post_and_watch(page, pass_on, posts, _OF_TEXT)
        crowd.leave()
        return became


@contextlib.contextmanager
def _noise(server: servers.Server, posts: int) -> Iterator[None]:
    """Let other tasks report beside it, 200 points a second."""
    seconds = posts * 0.11 + 5
    noise = load.start(load.Load(port=server.port, clients=4, prefix="pixel", pace=200 / 3, seconds=seconds))
    yield
    load.finish(noise)


def post_and_watch(page: Page, post: Callable[[float], object], posts: int, value: str) -> Shown:
    """Post a new progress ten times a second and return what became of it; JavaScript reads the `value` in percent."""
    page.evaluate(_WATCH % value)
    page.wait_for_timeout(1000)
    skew = _skew_ms(page)
    sent: dict[int, float] = {}
    for percent in range(1, posts + 1):
        sent[percent] = time.time() * 1000
        post(percent / 100)
        time.sleep(max(0.0, 0.1 + percent % 7 / 1000 - (time.time() - sent[percent] / 1000)))
    page.wait_for_timeout(1000)
    return shown(sent, [(each, at_ms - skew) for each, at_ms in page.evaluate("window.painted")])


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
