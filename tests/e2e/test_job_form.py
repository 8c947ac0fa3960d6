"""The form for a new job, while the connection breaks and answers are late or lost."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.plugins.server import Server, serving
from tests.plugins.tabs import Gate, admit, reconnect, wait_until
from tests.plugins.wire import get, post

pytestmark = pytest.mark.browser

FORM = "/training/jobs/new"


def open_form(page: Page, server: Server) -> None:
    """Open the form and wait until it can be filled in."""
    page.goto(server.url + FORM)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()


def fill(page: Page, **values: str) -> None:
    """Type into fields, by their names."""
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def jobs_named(server: Server, name: str) -> list[int]:
    """Return the ids of the jobs of that name."""
    jobs = get(server.url, "/api/training/jobs").json()["jobs"]
    return [job["id"] for job in jobs if job["title"] == name]


def test_what_was_typed_outlasts_a_server_that_is_started_again(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        with serving(tmp_path / "data") as server:
            (server.data_dir / "templates.toml").write_text("[free]\nenabled = true\n")
            admit(page, server)
            open_form(page, server)
            page.get_by_role("radio", name="This machine").check()
            page.get_by_role("radio", name="A command").check()
            fill(page, name="patient", modelName="bert", epochs="7", command="true")
            server.process.kill()
            server.process.wait()
            expect(page.get_by_text("Reconnecting…")).to_be_visible()
        with serving(server.data_dir, port=int(server.url.rpartition(":")[2])):
            expect(page.get_by_text("Live", exact=True).first).to_be_visible()
            for name, value in {
                "name": "patient",
                "modelName": "bert",
                "epochs": "7",
                "command": "true",
            }.items():
                expect(page.locator(f"[name={name}]")).to_have_value(value)
            page.get_by_role("button", name="Create", exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("patient")
            expect(page.locator(".task-subtitle")).to_have_text("bert - 7 epochs - LR 0.001")


def test_what_was_typed_outlasts_a_break_of_the_connection(page: Page, server: Server) -> None:
    open_form(page, server)
    fill(page, name="unbroken", modelName="bert", epochs="7")
    reconnect(page)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("unbroken")
    expect(page.locator(".task-subtitle")).to_have_text("bert - 7 epochs - LR 0.001")


def test_the_next_form_begins_with_nothing_of_the_last_one(page: Page, server: Server) -> None:
    post(server.url, {"name": "there before", "modelName": "bert", "epochs": 1}, "/api/training/jobs")
    gate = Gate(page)
    open_form(page, server)
    fill(page, epochs="lots")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("#name-words")).to_have_text("is missing")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="there before").first).to_be_visible()
    wait_until(page, lambda: '"begins_with_rx_state_":null' in "".join(gate.heard))
    gate.shut()
    page.get_by_role("link", name="New job").click()
    expect(page.get_by_role("heading", name="New job")).to_be_visible()
    expect(page.get_by_label("Epochs")).to_have_count(0)
    gate.open()
    expect(page.get_by_label("Epochs")).to_have_value("10")
    expect(page.locator("#name-words")).to_have_text("What the job is called.")


def test_a_form_whose_answer_was_lost_makes_one_job_however_often_it_is_sent(
    page: Page, server: Server
) -> None:
    gate = Gate(page)
    open_form(page, server)
    fill(page, name="only once", modelName="bert")
    gate.shut()
    page.get_by_role("button", name="Create", exact=True).click()
    wait_until(page, lambda: bool(jobs_named(server, "only once")))
    gate.tear()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("only once")
    assert len(jobs_named(server, "only once")) == 1


def test_words_about_a_mistake_do_not_take_the_focus_from_who_types_on(page: Page, server: Server) -> None:
    gate = Gate(page)
    open_form(page, server)
    gate.shut()
    page.get_by_role("button", name="Create", exact=True).click()
    page.get_by_label("Model").click()
    page.keyboard.type("be")
    gate.open()
    expect(page.locator("#name-words")).to_have_text("is missing")
    page.keyboard.type("rt")
    expect(page.get_by_label("Model")).to_have_value("bert")
    expect(page.get_by_label("Name")).to_have_value("")
