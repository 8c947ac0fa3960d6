"""The server goes and comes back; every open page is current again by itself, and no point is missing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.plugins.server import free_port, serving
from tests.plugins.wire import get, post

pytestmark = pytest.mark.browser

RESTARTS = 10


@pytest.fixture
def pages(browser: Browser, built_page: Path) -> Iterator[list[Page]]:
    """Two tabs, not yet anywhere."""
    context = browser.new_context()
    yield [context.new_page(), context.new_page()]
    context.close()


def test_ten_restarts_with_pages_open(pages: list[Page], tmp_path: Path) -> None:
    dashboard, monitor = pages
    port, data_dir = free_port(), tmp_path / "data"
    step = 0

    def report(url: str) -> None:
        nonlocal step
        step += 1
        reply = post(url, {"taskName": "survivor", "step": step, "loss": 1 / step, "progress": step / 100})
        assert reply.status == 200

    for restart in range(RESTARTS + 1):
        with serving(data_dir, port=port) as server:
            report(server.url)
            if restart == 0:
                dashboard.goto(server.url)
                monitor.goto(f"{server.url}/tasks/1")
                for page in pages:
                    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
                    page.evaluate("window.untouched = true")
            expect(dashboard.locator("li.row").first).to_contain_text(f"{step}%")
            expect(monitor.get_by_text(f"{step}% complete")).to_be_visible()
            report(server.url)
            expect(monitor.get_by_text(f"{step}% complete")).to_be_visible()
            plot = monitor.locator(".js-plotly-plot").first
            all_drawn = f"(plot) => plot.data.some((trace) => trace.x.length === {step})"
            monitor.wait_for_function(all_drawn, arg=plot.element_handle())
            curve = get(server.url, "/api/training/1/metrics?name=loss").json()
            assert curve["steps"] == list(range(1, step + 1))
            if restart % 2:
                server.process.send_signal(signal.SIGKILL)
    assert all(page.evaluate("window.untouched") for page in pages)


def test_a_killed_server_leaves_nothing_that_answers(built_page: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        server.process.kill()
        server.process.wait()
        with pytest.raises(OSError, match="refused"):
            get(server.url, "/healthz")


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_at_once_when_asked(built_page: Path, tmp_path: Path, ask: signal.Signals) -> None:
    with serving(tmp_path / "data") as server:
        post(server.url, {"taskName": "last words", "loss": 1})
        server.process.send_signal(ask)
        server.process.wait(timeout=3)


def test_a_second_server_on_the_same_data_is_refused_in_words(built_page: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        command = [sys.executable, "-m", "trainwatch", "serve", "--port", "0", "--no-browser"]
        second = subprocess.run(
            [*command, "--data-dir", str(server.data_dir)],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert second.returncode == 1
        assert str(server.process.pid) in second.stderr
        assert "Traceback" not in second.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_where_others_could_come_a_server_starts_only_with_a_credential(tmp_path: Path, host: str) -> None:
    refused = refusal_to_serve(tmp_path, host)
    assert "there is no credential yet" in refused
    assert "trainwatch key create" in refused


def test_an_address_of_another_machine_is_refused_in_words(tmp_path: Path) -> None:
    assert "cannot listen on 192.0.2.1" in refusal_to_serve(tmp_path, "192.0.2.1")
    assert not list(tmp_path.iterdir())


def refusal_to_serve(data_dir: Path, host: str) -> str:
    """Return what a server says that does not start."""
    command = [sys.executable, "-m", "trainwatch", "serve", "--host", host, "--data-dir", str(data_dir)]
    refused = subprocess.run(
        command, capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL
    )
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    return refused.stderr
