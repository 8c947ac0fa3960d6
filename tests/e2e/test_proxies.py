"""Behind the documented proxies a page is live; with a line of theirs missing, page or log say which."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.plugins.proxies import NAME, caddy, documented, nginx
from tests.plugins.server import Server, serving
from tests.plugins.wire import post
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

pytestmark = pytest.mark.browser

Proxy = Callable[[str, str, Path], AbstractContextManager[str]]
DOCUMENTED: dict[str, Proxy] = {"nginx": nginx, "Caddy": caddy}
NOT_UPGRADED, HTTPS_UNTOLD = "websocket_not_upgraded", "https_untold"


@pytest.fixture
def server(built_page: Path, tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    for words in (["migrate"], ["key", "create", "--scope", "read", "--label", "x"]):
        command = [sys.executable, "-m", "trainwatch", *words, "--data-dir", str(data)]
        subprocess.run(command, check=True, capture_output=True)
    with serving(data, "--allow-host", NAME, "--trust-proxy", "127.0.0.1") as server:
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def owner(server: Server, method: str, path: str, body: dict[str, object]) -> dict[str, object]:
    return ask(settings_from(data_dir=server.data_dir), method, path, body)


def signed_in(context: BrowserContext, server: Server, address: str) -> Page:
    """Sign in by a link through the proxy at `address`."""
    page = context.new_page()
    page.goto(address + str(owner(server, "POST", "/api/links", {"user": "owner"})["path"]))
    page.wait_for_url(f"{address}/")
    return page


def expect_live(page: Page, server: Server) -> None:
    """Wait until the page is told of a new task without being touched."""
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    key = str(owner(server, "POST", "/api/keys", {"scope": "ingest", "label": "reports"})["key"])
    assert post(server.url, {"taskName": "pushed", "step": 1}, x_api_key=key).status == 200
    expect(page.get_by_role("link", name="pushed", exact=True)).to_be_visible()


def log_of(server: Server) -> str:
    return server.log_file.read_text()


def without(*headers: str) -> str:
    """Return the documented configuration of nginx without the lines that hold one of `headers`."""
    lines = documented("nginx").splitlines()
    left = [line for line in lines if not any(each in line for each in headers)]
    assert len(left) == len(lines) - len(headers)
    return "\n".join(left)


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_behind_a_documented_proxy_the_page_is_live_and_its_cookie_secure(
    context: BrowserContext, server: Server, tmp_path: Path, kind: str
):
    with DOCUMENTED[kind](documented(kind), server.url, tmp_path) as address:
        page = signed_in(context, server, address)
        expect_live(page, server)
        assert all(cookie.get("secure") for cookie in context.cookies())
        page.close()
    assert NOT_UPGRADED not in log_of(server)
    assert HTTPS_UNTOLD not in log_of(server)


@pytest.mark.parametrize("line", ["Upgrade $http_upgrade", "Connection $connection_upgrade"])
def test_a_proxy_that_passes_no_websocket_is_named_by_the_page_and_once_by_the_log(
    context: BrowserContext, server: Server, tmp_path: Path, line: str
):
    with nginx(without(line), server.url, tmp_path) as address:
        page = signed_in(context, server, address)
        expect(page.get_by_role("alert")).to_contain_text("must pass the headers Upgrade and Connection")
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.close()
    assert len(re.findall(NOT_UPGRADED, log_of(server))) == 1


def test_a_proxy_that_does_not_tell_of_https_is_named_by_the_log_and_the_page_is_live(
    context: BrowserContext, server: Server, tmp_path: Path
):
    with nginx(without("X-Forwarded-Proto"), server.url, tmp_path) as address:
        page = signed_in(context, server, address)
        expect_live(page, server)
        page.reload()
        expect(page.get_by_text("Live", exact=True).first).to_be_visible()
        page.close()
    assert len(re.findall(HTTPS_UNTOLD, log_of(server))) == 1


def test_a_proxy_that_changes_the_name_is_named_by_the_sign_in(
    context: BrowserContext, server: Server, tmp_path: Path
):
    with nginx(without("Host $http_host"), server.url, tmp_path) as address:
        page = context.new_page()
        page.goto(address + str(owner(server, "POST", "/api/links", {"user": "owner"})["path"]))
        expect(page.get_by_role("alert")).to_contain_text(
            "a proxy in front must pass the header Host as it came"
        )
        page.close()


def test_what_else_is_missing_costs_no_page_its_life(context: BrowserContext, server: Server, tmp_path: Path):
    site = without("X-Forwarded-For", "proxy_read_timeout", "proxy_http_version")
    with nginx(site, server.url, tmp_path) as address:
        page = signed_in(context, server, address)
        expect_live(page, server)
        page.close()
