"""What is under the pointer means what it meant when the pointer got there, whatever happens meanwhile."""

import re

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.test_jobs import LONG, live, make, monitor, row, sign_in
from tests.plugins.server import Server
from tests.plugins.wire import get, post

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("jobs_end_with_their_test")]

CLICK_AS_IT_CHANGES = """(box) => new MutationObserver((_, watch) => {
  watch.disconnect();
  box.querySelector("button").click();
}).observe(box, { subtree: true, childList: true, attributeFilter: ["aria-label"] })"""
"""Clicks the button in a box in the moment it becomes another one, as who is a little late does."""


def asked(page: Page) -> list[str]:
    """Return a list that grows by each start and stop that the page of jobs asks the server for."""
    wishes: list[str] = []

    def hear(message: str | bytes) -> None:
        wishes.extend(re.findall(r"job_list\.(start|stop)\b", str(message)))

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", hear)

    page.on("websocket", listen)
    return wishes


def test_a_row_of_the_jobs_does_once_what_was_clicked_twice_and_nothing_that_was_not_meant(
    page: Page, server: Server
) -> None:
    wishes = asked(page)
    make(server, "nervous", **LONG)
    page.goto("/training/jobs")
    live(page)
    act = row(page, "nervous").locator(".row-act")
    act.evaluate(CLICK_AS_IT_CHANGES)
    act.get_by_role("button", name="Start: nervous").dblclick()
    stop = act.get_by_role("button", name="Stop: nervous")
    expect(stop).to_be_enabled()
    expect(row(page, "nervous").locator(".badge")).to_have_text("Running")
    act.evaluate(CLICK_AS_IT_CHANGES)
    stop.press("Enter")
    expect(act.get_by_role("button", name="Restart: nervous")).to_be_enabled()
    assert wishes == ["start", "stop"]


def test_the_page_of_a_task_takes_nothing_back_by_a_click_that_came_late(page: Page, server: Server) -> None:
    monitor(page, make(server, "nervous here", **LONG))
    acts = page.locator(".task-actions")
    acts.evaluate(CLICK_AS_IT_CHANGES)
    page.get_by_role("button", name="Start Training").click()
    expect(page.get_by_role("button", name="Stop Training")).to_be_enabled()
    report = {"taskName": "stopped in a hurry", "progress": 0.1}
    page.goto(f"/tasks/{post(server.url, report).json()['taskId']}")
    live(page)
    acts.evaluate(CLICK_AS_IT_CHANGES)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    assert post(server.url, report).json()["stop"] is True


def test_a_job_that_ends_while_the_question_is_open_is_not_deleted_with_the_others(
    page: Page, server: Server
) -> None:
    sign_in(page, server)
    make(server, "goes")
    running = make(server, "runs on", start=True, **LONG)
    page.goto("/training/jobs")
    expect(row(page, "runs on").locator(".badge")).to_have_text("Running")
    for name in ("goes", "runs on"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Delete… 1").dblclick()
    post(server.url, {}, f"/api/training/jobs/{running}/stop")
    expect(row(page, "runs on").locator(".badge")).to_have_text("Stopped")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Delete 1 job?")
    expect(question).to_contain_text("One that is chosen runs: it stays.")
    question.get_by_role("button", name="Delete").click()
    expect(row(page, "goes")).to_have_count(0)
    expect(row(page, "runs on")).to_have_count(1)
    assert get(server.url, f"/api/tasks/{running}").status == 200


def test_an_open_menu_and_its_question_stay_as_they_were_opened(page: Page, server: Server) -> None:
    sign_in(page, server)
    job = make(server, "ends meanwhile", start=True, **LONG)
    monitor(page, job)
    state = page.locator(".task-state .badge")
    items = page.get_by_role("menuitem")
    while_it_runs = ["Again with changes…", "Archive", "Delete…"]
    expect(state).to_have_text("Running")
    page.get_by_role("button", name="More actions").click()
    expect(items).to_have_text(while_it_runs)
    post(server.url, {}, f"/api/training/jobs/{job}/stop")
    expect(state).to_have_text("Stopped")
    expect(items).to_have_text(while_it_runs)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Restart").click()
    expect(state).to_have_text("Running")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete…").dblclick()
    post(server.url, {}, f"/api/training/jobs/{job}/stop")
    expect(state).to_have_text("Stopped")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("It runs. Stop it first.")
    expect(question.get_by_role("button")).to_have_text(["Keep"])
