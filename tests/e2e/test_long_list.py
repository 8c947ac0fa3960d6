"""A long list shows all of its rows to who scrolls down, also on a page that has much to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.plugins.server import Server, serving
from tests.plugins.wire import post

pytestmark = pytest.mark.browser

TASKS = 300

BUSY = """
window.IntersectionObserver = class extends IntersectionObserver {
  constructor(told, options) {
    let held = [], timer = null;
    super((entries, observer) => {
      held.push(...entries);
      timer ??= setTimeout(() => { told(held, observer); held = []; timer = null; }, 300);
    }, options);
  }
};
setInterval(() => document.body && scrollTo(0, document.body.scrollHeight), 30);
"""
"""A page that is told of what comes into sight as late as a busy one, with a reader who is quicker."""


@pytest.fixture(scope="module")
def full_server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with more tasks than a page shows at once."""
    with serving(tmp_path_factory.mktemp("full") / "data") as server:
        post(server.url, [{"taskName": f"task {number}", "progress": 0.5} for number in range(TASKS)])
        yield server


def test_a_long_list_is_shown_to_its_end_on_a_busy_page(page: Page, full_server: Server) -> None:
    page.add_init_script(BUSY)
    page.goto(full_server.url)
    expect(page.get_by_text(f"{TASKS:,} tasks", exact=True)).to_be_visible()
