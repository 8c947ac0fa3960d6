"""Notifications that stand over the page: each is seen for its time, wherever one goes meanwhile."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.plugins.server import Server
from tests.plugins.toasts import keep_toasts
from tests.plugins.wire import post

pytestmark = pytest.mark.browser


def live(page: Page) -> None:
    """Open the dashboard, where no notification ends by itself, and wait until it hears everything."""
    keep_toasts(page)
    page.goto("/")
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()


def toast(page: Page, title: str) -> Locator:
    """Return the notification with that title."""
    return page.locator(".toast", has_text=title)


def test_opening_the_task_of_one_leaves_the_others_standing(page: Page, server: Server) -> None:
    live(page)
    post(server.url, {"taskName": "opened", "progress": 0.1})
    post(server.url, {"title": "the disk is full", "level": "error"})
    expect(toast(page, "the disk is full")).to_be_visible()
    toast(page, "opened").get_by_role("link", name="Open task").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("opened")
    expect(toast(page, "the disk is full")).to_be_visible()
    expect(toast(page, "opened")).to_have_count(0)


def test_none_goes_while_one_of_them_is_pointed_at(page: Page, server: Server) -> None:
    live(page)
    for title in ("an early one", "a late one"):
        post(server.url, {"title": title})
    page.wait_for_function("() => due.size === 2")
    toast(page, "a late one").hover()
    page.wait_for_function("() => due.size === 0")
    page.mouse.move(0, 0)
    page.wait_for_function("() => due.size === 2")
    page.evaluate("due.forEach((end) => end())")
    expect(page.locator(".toast")).to_have_count(0)
