"""A page that does not hear from the server says so, and as of when what it shows is true."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import post
from trainwatch.ui.app import PING_INTERVAL_S, PING_TIMEOUT_S

pytestmark = pytest.mark.browser

AS_OF = re.compile(r"as of \d\d:\d\d:\d\d")
AGENT = "agents/1"
ALL_SCRIPTS = """() => ["/_index-", "/_tasks_", "/_training_._jobs_.__task"].every((script) =>
  performance.getEntriesByType("resource").some(({ name }) => name.includes(script)))"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh visitor."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context
    context.close()


def fill(server: Server) -> None:
    """Make a task with a GPU, and one of an agent."""
    report = {
        "taskName": "alive",
        "progress": 0.3,
        "step": 30,
        "loss": 0.5,
        "etaSeconds": 600,
        "gpuName": "GPU-1",
    }
    post(server.url, report)
    post(server.url, {"agentId": "a"}, path=f"/api/progress/{AGENT}/start")
    post(
        server.url,
        {"name": "a job", "modelName": "none", "epochs": 1, "stepsPerEpoch": 10},
        path="/api/training/jobs",
    )


def opened(context: BrowserContext, url: str) -> Page:
    """Open a page and wait until it hears everything."""
    page = context.new_page()
    page.goto(url)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    page.wait_for_function(ALL_SCRIPTS)
    return page


def state_of(page: Page) -> Locator:
    return page.locator(".liveness").first


def test_no_page_calls_anything_live_while_the_server_is_gone(
    context: BrowserContext, built_page: Path, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path / "data", port=port) as server:
        fill(server)
        dashboard, task, agent = (
            opened(context, server.url + path) for path in ("/", "/tasks/1", "/tasks/2")
        )
        for page in (dashboard, task, agent):
            expect(state_of(page)).to_contain_text("live")
        server.process.send_signal(signal.SIGKILL)
        for page in (dashboard, task, agent):
            expect(page.get_by_text("Reconnecting…")).to_be_visible()
            expect(page.locator(".connection")).to_have_text(AS_OF)
            expect(state_of(page)).to_have_text(AS_OF)
        expect(dashboard.get_by_label("GPU GPU-1").locator(".gpu-state")).to_have_text(AS_OF)
        words = task.locator(".progress-facts").text_content() or ""
        # Another filter: what cannot be fetched is no list without tasks.
        dashboard.get_by_role("button", name=re.compile("^Failed")).click()
        expect(dashboard.get_by_text("The server cannot be reached.")).to_be_visible()
        expect(dashboard.get_by_role("button", name="Retry")).to_be_visible()
        # Another page: what is not known is no task without data.
        task.get_by_role("link", name="All tasks").click()
        expect(task.get_by_text("The tasks could not be loaded")).to_be_visible()
        task.go_back()
        expect(task.locator(".progress-facts")).to_have_text(words)
    with serving(tmp_path / "data", port=port):
        expect(state_of(task)).to_contain_text("live, last heard")
        expect(dashboard.get_by_text("No task matches")).to_be_visible()
        expect(dashboard.locator("html[data-stale]")).to_have_count(0)


def test_a_task_that_is_opened_without_the_server_is_no_task_without_data(
    context: BrowserContext, built_page: Path, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path / "data", port=port) as server:
        fill(server)
        lists = {AGENT: opened(context, server.url), "a job": opened(context, f"{server.url}/training/jobs")}
        for name, page in lists.items():
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        server.process.send_signal(signal.SIGKILL)
        for name, page in lists.items():
            expect(page.get_by_text("Reconnecting…")).to_be_visible()
            page.get_by_role("link", name=name, exact=True).click()
            expect(page.get_by_role("heading", name="Not connected")).to_be_visible()
            assert "--" not in page.inner_text("main")
    with serving(tmp_path / "data", port=port):
        for name, page in lists.items():
            expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_server_that_is_frozen_is_noticed(
    context: BrowserContext, built_page: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "data") as server:
        fill(server)
        page = opened(context, f"{server.url}/tasks/1")
        server.process.send_signal(signal.SIGSTOP)
        try:
            expect(state_of(page)).to_have_text(AS_OF)
        finally:
            server.process.send_signal(signal.SIGCONT)
        expect(state_of(page)).to_contain_text("live, last heard")


def test_the_page_waits_for_a_silent_server_as_long_as_the_server_says() -> None:
    script = (Path(__file__).parents[2] / "assets" / "connection.js").read_text()
    assert f"SILENCE_MS = {(PING_INTERVAL_S + PING_TIMEOUT_S) * 1000:_};" in script
