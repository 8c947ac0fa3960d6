"""What a person does in the settings, while things change elsewhere and the connection breaks."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.plugins.server import Server, serving
from tests.plugins.tabs import Gate, admit, reconnect, wait_until
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

pytestmark = pytest.mark.browser


def make_key(server: Server, label: str) -> None:
    """Make a key as its owner does in a terminal."""
    ask(settings_from(data_dir=server.data_dir), "POST", "/api/keys", {"scope": "ingest", "label": label})


def labels(server: Server) -> list[str]:
    """Return the labels of the keys that were not revoked."""
    return [key["label"] for key in keys(server) if key["revokedAt"] is None]


def keys(server: Server) -> list[dict[str, Any]]:
    """Return every key as the API tells of it."""
    return ask(settings_from(data_dir=server.data_dir), "GET", "/api/keys")["keys"]


def open_settings(page: Page, server: Server) -> None:
    """Open the settings as the owner."""
    admit(page, server)
    page.goto(f"{server.url}/settings")
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()


def listed(page: Page, words: str) -> Locator:
    """Return the row of a key or session that says so."""
    return page.get_by_role("listitem").filter(has=page.get_by_text(words, exact=True))


def test_an_open_dialog_asks_about_the_same_key_whatever_happens_meanwhile(
    page: Page, server: Server
) -> None:
    make_key(server, "meant")
    open_settings(page, server)
    listed(page, "meant").get_by_role("button", name="Revoke").click()
    make_key(server, "other")
    expect(listed(page, "other")).to_be_visible()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_role("heading")).to_have_text("Revoke meant?")
    dialog.get_by_role("button", name="Revoke").click()
    expect(listed(page, "meant")).to_have_count(0)
    assert labels(server)[-1:] == ["other"]


def test_an_open_dialog_asks_about_the_same_browser_whatever_happens_meanwhile(
    page: Page, browser: Browser, server: Server
) -> None:
    with (
        browser.new_context(user_agent="lost laptop") as lost,
        browser.new_context(user_agent="phone") as phone,
    ):
        admit(lost.new_page(), server)
        open_settings(page, server)
        listed(page, "lost laptop").get_by_role("button", name="Revoke").click()
        admit(phone.new_page(), server)
        expect(listed(page, "phone")).to_be_visible()
        dialog = page.get_by_role("alertdialog")
        expect(dialog.get_by_role("heading")).to_have_text("Sign out lost laptop?")
        dialog.get_by_role("button", name="Revoke").click()
        expect(listed(page, "lost laptop")).to_have_count(0)
        expect(listed(page, "phone")).to_be_visible()


def test_a_new_key_stays_until_it_is_copied_or_the_page_is_left(page: Page, server: Server) -> None:
    open_settings(page, server)
    page.get_by_role("button", name="New key").click()
    page.get_by_role("textbox", name="Label").fill("kept")
    page.get_by_role("button", name="Create key").click()
    secret = page.locator("pre").first.inner_text()
    reconnect(page)
    make_key(server, "heard of again")
    expect(listed(page, "heard of again")).to_be_visible()
    expect(page.locator("pre").first).to_have_text(secret)
    page.get_by_role("link", name="TrainWatch").click()
    expect(page.get_by_role("heading", name="Tasks", exact=True)).to_be_visible()
    page.go_back()
    expect(listed(page, "kept")).to_be_visible()
    assert secret not in page.content()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert secret not in stored


def test_a_new_key_and_a_form_outlast_a_server_that_is_started_again(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    with browser.new_context() as context:
        keeper, typist = context.new_page(), context.new_page()
        with serving(tmp_path / "data") as server:
            for page in (keeper, typist):
                open_settings(page, server)
                page.get_by_role("button", name="New key").click()
                page.get_by_role("textbox", name="Label").fill("for the cluster")
            keeper.get_by_role("button", name="Create key").click()
            secret = keeper.locator("pre").first.inner_text()
            typist.get_by_role("radio", name="read").check()
            server.process.kill()
            server.process.wait()
            expect(typist.get_by_text("Reconnecting…")).to_be_visible()
        with serving(server.data_dir, port=int(server.url.rpartition(":")[2])) as again:
            make_key(again, "after")
            for page in (keeper, typist):
                expect(listed(page, "after")).to_be_visible()
            expect(keeper.locator("pre").first).to_have_text(secret)
            typist.get_by_role("button", name="Create key").click()
            expect(typist.get_by_text("It is shown this once")).to_be_visible()
            assert [key["scope"] for key in keys(again) if key["label"] == "for the cluster"] == [
                "ingest",
                "read",
            ]


def test_a_key_whose_answer_was_lost_is_shown_when_the_connection_is_there_again(
    page: Page, server: Server
) -> None:
    gate = Gate(page)
    open_settings(page, server)
    page.get_by_role("button", name="New key").click()
    page.get_by_role("textbox", name="Label").fill("on its way")
    gate.shut()
    page.get_by_role("button", name="Create key").click()
    wait_until(page, lambda: "on its way" in labels(server))
    gate.tear()
    expect(page.get_by_text("It is shown this once")).to_be_visible()
    assert labels(server).count("on its way") == 1
