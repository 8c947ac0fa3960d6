"""Archiving and deleting as a person does it, in a real browser."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.plugins.server import Server
from tests.plugins.wire import get, post
from tests.supervisor.attempts import until

pytestmark = pytest.mark.browser


def sign_in(page: Page, server: Server) -> None:
    """Sign in as the owner by a fresh link."""
    command = [sys.executable, "-m", "trainwatch", "login-link", "--data-dir", str(server.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    page.goto(done.stdout.split()[-1])
    expect(page.get_by_role("button", name="Account of owner")).to_be_visible()


def open_task(page: Page, server: Server, name: str) -> int:
    """Report a task, open its page and return its id."""
    report = {"taskName": name, "progress": 0.1, "series": {"loss": {"values": [1.0] * 1_200}}}
    task_id = int(post(server.url, report).json()["taskId"])
    page.goto(f"/tasks/{task_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return task_id


def more(page: Page) -> Locator:
    """Return the button of the menu."""
    return page.get_by_role("button", name="More actions")


def choose(page: Page, action: str) -> None:
    """Choose from the menu."""
    more(page).click()
    page.get_by_role("menuitem", name=action).click()


def archived_tab(page: Page) -> Locator:
    """Return what shows the archived tasks."""
    return page.get_by_role("button", name=re.compile("^Archived"))


def test_who_has_not_signed_in_may_mark_an_end_and_neither_archive_nor_delete(
    page: Page, server: Server
) -> None:
    open_task(page, server, "for all to see")
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    more(page).click()
    expect(page.get_by_role("menuitem")).to_have_text(["Mark as failed…", "Mark as stopped…"])
    expect(page.get_by_role("button", name="Bring back")).to_have_count(0)


def test_an_archived_task_says_so_leaves_the_list_and_is_brought_back(page: Page, server: Server) -> None:
    sign_in(page, server)
    task_id = open_task(page, server, "put away")
    choose(page, "Archive")
    expect(page.locator(".archived")).to_contain_text("Archived")
    page.goto("/?q=put+away")
    expect(page.get_by_text("No task matches")).to_be_visible()
    archived_tab(page).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Archived tasks")
    expect(page).to_have_url(re.compile(r"q=put\+away&archived=1"))
    page.reload()
    expect(page.locator("li.row")).to_have_count(1)
    page.locator(".row-link").click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator(".archived")).to_have_count(0)
    until(lambda: get(server.url, f"/api/tasks/{task_id}").json()["archivedAt"] is None)


def test_a_task_that_somebody_archives_leaves_an_open_dashboard_and_comes_back(
    context: BrowserContext, page: Page, server: Server
) -> None:
    sign_in(page, server)
    open_task(page, server, "seen elsewhere")
    dashboard = context.new_page()
    dashboard.goto("/?q=seen+elsewhere")
    expect(dashboard.locator("li.row")).to_have_count(1)
    expect(dashboard.get_by_text("Live", exact=True).first).to_be_visible()
    choose(page, "Archive")
    expect(dashboard.locator("li.row")).to_have_count(0)
    expect(archived_tab(dashboard)).to_have_text("Archived1")
    choose(page, "Bring back")
    expect(dashboard.locator("li.row")).to_have_count(1)
    expect(archived_tab(dashboard)).to_have_count(0)


def test_deleting_names_what_is_lost_and_can_be_left_without_a_loss(page: Page, server: Server) -> None:
    sign_in(page, server)
    task_id = open_task(page, server, "kept after all")
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("button", name="Keep").click(),
        lambda: page.mouse.click(5, 5),
    ):
        choose(page, "Delete…")
        question = page.get_by_role("dialog")
        expect(question).to_contain_text("Delete “kept after all”?")
        expect(question).to_contain_text("1,200 points")
        leave()
        expect(question).to_be_hidden()
    assert get(server.url, f"/api/tasks/{task_id}").status == 200


def test_a_deleted_task_leaves_every_open_page_at_once(
    context: BrowserContext, page: Page, server: Server
) -> None:
    sign_in(page, server)
    task_id = open_task(page, server, "gone for good")
    dashboard, beside = context.new_page(), context.new_page()
    dashboard.goto("/?q=gone+for+good")
    beside.goto(f"/tasks/{task_id}")
    for each in (dashboard, beside):
        expect(each.get_by_text("gone for good").first).to_be_visible()
        expect(each.get_by_text("Live", exact=True).first).to_be_visible()
    choose(page, "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for each in (page, beside):
        expect(each.get_by_role("heading", name="Deleted")).to_be_visible()
        expect(each).to_have_title("Deleted · TrainWatch")
    expect(dashboard.locator("li.row")).to_have_count(0)
    page.get_by_role("link", name="See all tasks").click()
    expect(page).to_have_url(f"{server.url}/")
    page.goto(f"/tasks/{task_id}")
    expect(page.get_by_text("There is no task with this id.")).to_be_visible()


def test_the_menu_is_walked_with_the_keyboard(page: Page, server: Server) -> None:
    sign_in(page, server)
    open_task(page, server, "by keyboard")
    more(page).focus()
    page.keyboard.press("Enter")
    first, last = page.get_by_role("menuitem").first, page.get_by_role("menuitem", name="Delete…")
    for key, item in (("End", last), ("Home", first), ("ArrowUp", last), ("ArrowDown", first)):
        page.keyboard.press(key)
        expect(item).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(more(page)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more(page)).to_be_focused()


def test_on_a_phone_the_menu_stays_on_the_screen(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, server)
    open_task(page, server, "in a pocket " + "x" * 120)
    more(page).click()
    box = page.get_by_role("menu", name="More actions").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.get_by_role("menuitem", name="Delete…").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
