"""What a person types on a task's page: it is kept, it is of that task, and what is refused is said."""

import json

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.plugins.server import Server
from tests.plugins.toasts import keep_toasts
from tests.plugins.wire import get, post, request, say

pytestmark = pytest.mark.browser


def report(server: Server, name: str) -> int:
    """Report a task and return its id."""
    return int(post(server.url, {"taskName": name, "progress": 0.1}).json()["taskId"])


def edit(server: Server, task_id: int, **changes: object) -> None:
    """Change a task as another person does."""
    reply = say(server.url, request("PATCH", f"/api/tasks/{task_id}", json.dumps(changes).encode()))
    assert reply.status == 200, reply.body


def open_task(page: Page, address: str, name: str) -> None:
    """Open the page of a task and wait until it hears everything."""
    page.goto(address)
    heading(page, name)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()


def heading(page: Page, name: str) -> None:
    """Wait until the page shows that task."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def notes(page: Page) -> Locator:
    """Return the field for notes."""
    return page.get_by_label("Notes")


def is_saved(context: BrowserContext, task_id: int, words: str) -> None:
    """Wait until another tab shows those notes of the task."""
    beside = context.new_page()
    beside.goto(f"/tasks/{task_id}")
    expect(notes(beside)).to_have_value(words)
    beside.close()


def test_what_is_typed_for_one_task_is_never_shown_or_saved_for_the_one_before(
    context: BrowserContext, page: Page, server: Server
) -> None:
    keep_toasts(page)
    first = report(server, "went first")
    edit(server, first, notes="of the first")
    open_task(page, f"/tasks/{first}", "went first")
    second = report(server, "came second")
    page.locator(".toasts").get_by_role("link", name="Open task").click()
    heading(page, "came second")
    notes(page).fill("of the second")
    page.go_back()
    heading(page, "went first")
    expect(notes(page)).to_have_value("of the first")
    is_saved(context, second, "of the second")
    page.go_forward()
    heading(page, "came second")
    page.get_by_label("Rename").click()
    page.get_by_label("Title").fill("of the second as well")
    page.go_back()
    heading(page, "went first")
    assert get(server.url, f"/api/tasks/{first}").json()["notes"] == "of the first"


def test_who_leaves_for_a_list_in_the_middle_of_a_note_keeps_it(
    context: BrowserContext, page: Page, server: Server
) -> None:
    task_id = report(server, "left early")
    page.goto("/?q=left+early")
    page.locator(".row-link").click()
    heading(page, "left early")
    expect(notes(page)).to_be_enabled()
    notes(page).fill("half a thou")
    page.go_back()
    expect(page.locator(".row-link")).to_have_text("left early")
    is_saved(context, task_id, "half a thou")


def test_what_is_refused_twice_is_taken_back_and_said_twice(page: Page, server: Server) -> None:
    task_id = report(server, "over full")
    edit(server, task_id, tags=[f"tag {number}" for number in range(100)])
    open_task(page, f"/tasks/{task_id}", "over full")
    tags, refusal = page.locator(".tag"), page.get_by_role("alert")
    expect(tags).to_have_count(100)
    said = []
    for _ in range(2):
        page.get_by_label("Add a tag").fill("one too many")
        page.get_by_label("Add a tag").press("Enter")
        if said:
            page.wait_for_function("(before) => !before.isConnected", arg=said[-1])
        expect(refusal).to_have_text("a task has at most 100 tags")
        expect(tags).to_have_count(100)
        said.append(refusal.element_handle())


def test_notes_that_are_refused_stay_to_be_mended(page: Page, server: Server) -> None:
    task_id = report(server, "refused")
    open_task(page, f"/tasks/{task_id}", "refused")
    notes(page).fill("not storable: \0")
    notes(page).blur()
    expect(page.get_by_role("alert")).to_have_text("notes must be text without NUL")
    edit(server, task_id, title="renamed meanwhile")
    heading(page, "renamed meanwhile")
    expect(notes(page)).to_have_value("not storable: \0")
    notes(page).fill("storable")
    notes(page).blur()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert get(server.url, f"/api/tasks/{task_id}").json()["notes"] == "storable"
    edit(server, task_id, notes="by another")
    expect(notes(page)).to_have_value("by another")
