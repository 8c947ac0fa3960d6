"""A built page, a server per module and a real browser."""

import contextlib
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.plugins.programs import find_chromium, use_node_from_pypi
from tests.plugins.server import Server, serving
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from
from trainwatch.errors import TrainwatchError
from trainwatch.ui.site_build import build_if_stale

JOBS_END_WITHIN_S = 30.0
SHOWN_WITHIN_MS = 15_000

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The page, built once for each state of its sources and kept in the source folder."""
    build_if_stale(ROOT)
    return ROOT / "trainwatch" / "_site"


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our own command line on a free port with an empty data directory, for one module."""
    with serving(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def jobs_end_with_their_test(server: Server) -> Iterator[None]:
    """Stop what a test started, so that its end is no news to the next one."""
    yield
    owner = partial(ask, settings_from(data_dir=server.data_dir))
    deadline = time.monotonic() + JOBS_END_WITHIN_S
    while live := [
        job["id"] for job in owner("GET", "/api/training/jobs?limit=1000")["jobs"] if is_live(job)
    ]:
        assert time.monotonic() < deadline, live
        for job in live:
            with contextlib.suppress(TrainwatchError):  # it ended meanwhile
                owner("POST", f"/api/training/jobs/{job}/stop")


def is_live(job: dict[str, Any]) -> bool:
    """Whether a job runs, or waits for its turn."""
    return job["status"] in ("running", "paused") or job["isWaiting"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as it is found; without one the tests are skipped, but not in CI.

    Playwright keeps an event loop running in this thread as long as it lives, so other modules
    could not run their own.
    """
    chromium = find_chromium()
    if chromium is None:
        message = "no Chromium: run `python -m tests.plugins.programs install`"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    use_node_from_pypi()
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A fresh visitor, for whom `page.goto("/")` means our server."""
    context = browser.new_context(base_url=server.url)
    context.set_default_timeout(SHOWN_WITHIN_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; the test fails if a script of the page does, or the Content-Security-Policy stops one."""
    page = context.new_page()
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", on_console)
    yield page
    assert not complaints
