"""Chromium as a stop-watch: when a page is drawn, what it cost, and what it says on its websocket."""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from benchmarks.watchers import Recipe

PATIENCE_S = 30.0

_CLOCK = """
(() => {
  const ready = () => { try { return %s; } catch { return false; } };
  const look = () => requestAnimationFrame(() => {
    if (!ready()) return look();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { window.drawnMs = performance.now(); };
    channel.port2.postMessage(0);
  });
  look();
})()
"""


@dataclass(slots=True)
class Drawn:
    """A page once it is drawn: milliseconds since the navigation, requests and bytes on the wire."""

    ms: float = 0.0
    requests: int = 0
    bytes: int = 0
    sockets: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])
    heard: str = ""
    """The last frame of a task."""

    def recipe(self) -> Recipe:
        """Return what the page said on its (last) websocket."""
        url, sent = self.sockets[-1]
        token = re.search(r"token=([^&]+)", url)
        assert token is not None
        return Recipe(url=url, token=token.group(1), sent=sent)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium with no window: the system's where there is one, else Playwright's."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def drawn(browser: Browser, url: str, ready: str) -> Iterator[tuple[Page, Drawn]]:
    """Open `url` with an empty cache, wait until the JavaScript `ready` holds and is painted."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        seen = _record(page)
        page.add_init_script(_CLOCK % ready)
        page.goto(url, wait_until="commit")
        seen.ms = wait_for(page, "window.drawnMs")
        yield page, seen
    finally:
        context.close()


def wait_for(page: Page, expression: str) -> float:
    """Return the number that `expression` becomes.

    Raises:
        TimeoutError: If it is not there after 30 s.
    """
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        value = page.evaluate(expression)
        if value is not None:
            return float(value)
        page.wait_for_timeout(10)
    raise TimeoutError(f"{expression} never came; the page says: {page.inner_text('body')[:500]!r}")


def _record(page: Page) -> Drawn:
    seen = Drawn()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def count_request(_: object) -> None:
        seen.requests += 1

    def count_bytes(event: dict[str, float]) -> None:
        seen.bytes += int(event["encodedDataLength"])

    def count_frame(payload: str | bytes) -> None:
        seen.bytes += len(payload if isinstance(payload, bytes) else payload.encode())
        if isinstance(payload, str) and '"toRevision"' in payload:
            seen.heard = payload

    def follow(socket: WebSocket) -> None:
        sent: list[str] = []
        seen.sockets.append((socket.url, sent))
        socket.on("framesent", lambda payload: _keep(sent, payload))
        socket.on("framereceived", count_frame)

    session.on("Network.requestWillBeSent", count_request)
    session.on("Network.loadingFinished", count_bytes)
    page.on("websocket", follow)
    return seen


def _keep(sent: list[str], payload: str | bytes) -> None:
    """Keep what the page says by itself; a pong is an answer."""
    if isinstance(payload, str) and payload != "3":
        sent.append(payload)
