"""A run whose program died without a word: told apart from what runs, and ended by a person."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post

pytestmark = pytest.mark.browser

AGO = "strftime('%Y-%m-%d %H:%M:%f000', {column}, '-3 hours')"


@pytest.fixture
def haunted(built_page: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with one task that is alive and two that were heard three hours ago."""
    data_dir = tmp_path / "data"
    with serving(data_dir) as server:
        for name in ("dead", "deader"):
            post(server.url, {"taskName": name, "progress": 0.4, "step": 1})
    with closing(sqlite3.connect(data_dir / "trainwatch.db")) as database, database:
        moved = ", ".join(
            f"{column} = {AGO.format(column=column)}" for column in ("last_updated", "lost_after_at")
        )
        database.execute(f"UPDATE tasks SET {moved}")
    with serving(data_dir) as server:
        post(server.url, {"taskName": "alive", "progress": 0.5})
        yield server


def states(page: Page) -> dict[str, str]:
    """Return the state of each row by its title."""
    rows = page.locator("li.row")
    return {row.locator(".row-link").inner_text(): row.locator(".badge").inner_text() for row in rows.all()}


def tab(page: Page, name: str, count: int) -> None:
    """Wait until the tab of that state has that count."""
    button = page.get_by_role("group", name="Filter by state").get_by_role("button", name=name)
    expect(button).to_have_text(f"{name}{count}")


def test_what_is_lost_is_listed_and_counted_apart_from_what_runs(page: Page, haunted: Server) -> None:
    page.goto(haunted.url)
    tab(page, "Running", 1)
    tab(page, "Lost", 2)
    assert states(page) == {"alive": "Running", "dead": "Lost", "deader": "Lost"}
    page.get_by_role("button", name=re.compile("^Lost")).click()
    expect(page.locator("li.row")).to_have_count(2)
    page.reload()
    expect(page.locator("li.row")).to_have_count(2)
    post(haunted.url, {"taskName": "dead", "progress": 0.5, "step": 2})  # it was only quiet
    tab(page, "Running", 2)
    tab(page, "Lost", 1)
    expect(page.locator("li.row")).to_have_count(1)


def test_a_person_ends_what_is_lost_on_its_page(page: Page, haunted: Server) -> None:
    page.goto(f"{haunted.url}/tasks/1")
    expect(page.locator(".task-state .badge")).to_have_text("Lost")
    expect(page.locator(".task-state .liveness")).to_have_text(re.compile("^silent 3h"))
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Mark as failed…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Mark “dead” as failed?")
    page.get_by_role("dialog").get_by_role("button", name="Mark as failed").click()
    expect(page.locator(".task-state .badge")).to_have_text("Failed")
    expect(page.locator(".reason")).to_contain_text("marked as failed by")
    assert get(haunted.url, "/api/tasks/1").json()["status"] == "failed"
    page.get_by_role("button", name="More actions", exact=True).wait_for(state="detached")


def test_who_asks_to_end_a_task_that_reports_is_told_of_stop(page: Page, haunted: Server) -> None:
    page.goto(f"{haunted.url}/tasks/3")
    expect(page.locator(".task-state .badge")).to_have_text("Running")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Mark as stopped…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Stop asks the program itself")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".task-state .badge")).to_have_text("Running")
