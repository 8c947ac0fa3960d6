"""How people come in and go, and what the settings do, in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    TimeoutError,
    expect,
)

from tests.plugins.server import Server, serving
from tests.plugins.tabs import admit, link_for_owner, reconnect, wait_until
from tests.plugins.wire import get, post
from trainwatch.cli.ask import ask
from trainwatch.cli.options import open_data, settings_from, utc_now
from trainwatch.door.founding import found_door
from trainwatch.door.limits import SIGN_IN_TRIES
from trainwatch.services.sessions import LASTS, open_session
from trainwatch.services.users import ensure_owner
from trainwatch.store.writer import run_once

pytestmark = pytest.mark.browser

NAME, PASSWORD = "ann", "correct horse battery"


def say(server: Server, *arguments: str, typed: str = "") -> str:
    """Return what our command line prints on the server's machine."""
    command = [sys.executable, "-m", "trainwatch", *arguments, "--data-dir", str(server.data_dir)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def owner(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask for what our command line would, without starting one."""
    return ask(settings_from(data_dir=server.data_dir), method, path, body)


def make_key(server: Server, label: str, scope: str = "ingest") -> str:
    """Make a key and return it."""
    return str(owner(server, "POST", "/api/keys", {"scope": scope, "label": label})["key"])


def sign_in(page: Page, server: Server) -> str:
    """Sign in as the owner by a fresh link, and return the link."""
    link = link_for_owner(server)
    page.goto(link)
    expect(page.get_by_role("button", name="Account of owner")).to_be_visible()
    return link


def add_user(server: Server) -> None:
    """Let ann have a password."""
    owner(server, "POST", "/api/users", {"name": NAME, "scope": "admin", "password": PASSWORD})


@pytest.fixture(scope="module")
def closed_server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets nobody in without a sign-in, and where ann has a password."""
    with serving(tmp_path_factory.mktemp("closed") / "data", "--require-sign-in") as server:
        add_user(server)
        yield server


@pytest.fixture
def stranger(browser: Browser, closed_server: Server) -> Iterator[BrowserContext]:
    """A browser that `closed_server` does not know."""
    context = browser.new_context(base_url=closed_server.url)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_a_link_signs_in_and_leaves_no_secret_behind(page: Page, server: Server) -> None:
    link = say(server, "login-link").splitlines()[-1]
    page.goto(link)
    expect(page.get_by_role("button", name="Account of owner")).to_be_visible()
    secret = link.partition("#")[2]
    assert len(secret) > 40
    expect(page).to_have_url(f"{server.url}/")
    kept = page.evaluate(
        "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, performance.getEntries()])"
    )
    assert secret not in kept
    assert json.loads(kept)[0] == ""
    page.go_back()
    assert secret not in page.url


def test_a_link_that_was_used_says_so_and_how_to_get_another(
    page: Page, browser: Browser, server: Server
) -> None:
    link = sign_in(page, server)
    with browser.new_context() as other:
        late = other.new_page()
        late.goto(link)
        expect(late.get_by_role("alert")).to_contain_text("used already")
        expect(late.get_by_text("trainwatch login-link")).to_be_visible()
        expect(late).to_have_url(f"{server.url}/sign-in")


def test_a_link_may_be_pasted_into_the_tab_that_asks_for_it(page: Page, server: Server) -> None:
    page.goto("/sign-in")
    sign_in(page, server)


def test_who_comes_by_a_link_goes_where_it_leads(page: Page, server: Server) -> None:
    link = link_for_owner(server)
    page.goto(link.replace("/sign-in#", "/sign-in?next=/settings#"))
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_link_leads_to_no_other_site(page: Page, server: Server) -> None:
    link = link_for_owner(server)
    page.goto(link.replace("/sign-in#", "/sign-in?next=//evil.example/#"))
    expect(page).to_have_url(f"{server.url}/")


def test_on_this_machine_one_may_go_on_without_signing_in(page: Page, server: Server) -> None:
    page.goto("/sign-in?next=/settings")
    page.get_by_role("link", name="Go on without signing in").click()
    expect(page.get_by_text("Not signed in.")).to_be_visible()
    expect(page.get_by_role("heading", name="API keys")).to_have_count(0)
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_password_signs_in_and_leads_on(stranger: BrowserContext, closed_server: Server) -> None:
    page = stranger.new_page()
    page.goto("/settings")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/settings"))
    expect(page.get_by_role("link", name="Go on without signing in")).to_have_count(0)
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(visible=True)).to_have_text("The name or the password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()
    assert page.evaluate("document.cookie") == ""


def test_a_refusal_does_not_take_the_focus_from_who_types_on(stranger: BrowserContext) -> None:
    page = stranger.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/sign-in", hold)
    page.goto("/sign-in")
    page.get_by_label("Name").fill("an")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    wait_until(page, lambda: bool(held))
    page.get_by_label("Name").press("End")
    page.keyboard.type("n")
    held[0].continue_()
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()
    page.keyboard.type("e")
    expect(page.get_by_label("Name")).to_have_value("anne")
    expect(page.get_by_label("Password")).to_have_value(PASSWORD)


def test_too_many_wrong_passwords_are_told_how_long_to_wait(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    with serving(tmp_path / "data") as server, browser.new_context() as context:
        add_user(server)
        page = context.new_page()
        page.goto(f"{server.url}/sign-in")
        refusal = page.get_by_role("alert").filter(visible=True)
        for _ in range(SIGN_IN_TRIES.amount + 1):
            page.get_by_label("Name").fill("nobody")
            page.get_by_label("Password").fill("wrong")
            page.get_by_role("button", name="Sign in").click()
            expect(refusal).to_be_visible()
            expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(refusal).to_have_text(
            re.compile(r"Too many attempts\. Wait \d+ (second|minute)s?, then try again\.")
        )


def test_a_key_is_made_shown_once_used_and_revoked(page: Page, server: Server) -> None:
    sign_in(page, server)
    page.goto("/settings")
    page.get_by_role("button", name="New key").click()
    page.get_by_role("textbox", name="Label").fill("gpu box")
    page.get_by_role("radio", name="ingest").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is shown this once")).to_be_visible()
    key, trial = page.locator("pre").all_inner_texts()
    assert trial.startswith(f'curl {server.url}/hook -H "Authorization: Bearer {key}"')
    assert post(server.url, {"taskName": "by key"}, authorization=f"Bearer {key}").status == 200
    assert get(server.url, "/api/tasks", authorization=f"Bearer {key}").status == 403

    page.reload()
    listed = page.get_by_role("listitem").filter(has=page.get_by_text("gpu box", exact=True))
    expect(listed).to_contain_text("tw_ingest_")
    assert key not in page.content()
    listed.get_by_role("button", name="Revoke").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(listed).to_have_count(0)
    assert post(server.url, {"taskName": "by key"}, authorization=f"Bearer {key}").status == 401
    expect(page.get_by_role("row").filter(has_text="revoked key").first).to_contain_text("gpu box")


def test_a_dialog_that_is_left_changes_nothing(page: Page, server: Server) -> None:
    make_key(server, "kept", "read")
    sign_in(page, server)
    page.goto("/settings")
    listed = page.get_by_role("listitem").filter(has=page.get_by_text("kept", exact=True))
    listed.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(listed.get_by_role("button", name="Revoke")).to_be_focused()


def test_a_revoked_browser_shows_the_sign_in_at_once(page: Page, browser: Browser, server: Server) -> None:
    sign_in(page, server)
    with browser.new_context(base_url=server.url, user_agent="lost laptop") as elsewhere:
        lost = elsewhere.new_page()
        sign_in(lost, server)
        expect(lost.get_by_text("Live", exact=True).first).to_be_visible()
        page.goto("/settings")
        listed = page.get_by_role("listitem").filter(has=page.get_by_text("lost laptop", exact=True))
        listed.get_by_role("button", name="Revoke").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
        expect(lost.get_by_text("Your session has ended or was revoked.")).to_be_visible()
        expect(lost).to_have_url(re.compile(r"/sign-in\?next=%2F&why=ended$"))
        expect(page.get_by_role("button", name="Account of owner")).to_be_visible()


def test_signing_out_ends_it_in_every_tab(context: BrowserContext, page: Page, server: Server) -> None:
    sign_in(page, server)
    other = context.new_page()
    other.goto("/settings")
    expect(other.get_by_role("heading", name="API keys")).to_be_visible()
    page.get_by_role("button", name="Account of owner").click()
    expect(page.get_by_role("menuitem", name="Settings")).to_be_focused()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to TrainWatch")).to_be_visible()
    expect(other.get_by_text("Your session has ended or was revoked.")).to_be_visible()
    other.get_by_role("link", name="Go on without signing in").click()
    expect(other.get_by_text("Not signed in.")).to_be_visible()


def test_what_is_done_elsewhere_appears_in_the_settings_by_itself(page: Page, server: Server) -> None:
    sign_in(page, server)
    page.goto("/settings")
    listed = page.get_by_role("listitem").filter(has=page.get_by_text("cluster", exact=True))
    said = page.get_by_role("row").filter(has_text="cluster").get_by_role("cell", name="created key")
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    expect(listed).to_have_count(0)
    secret = say(server, "key", "create", "--scope", "ingest", "--label", "cluster")
    expect(listed.get_by_text("never used")).to_be_visible()
    expect(said).to_be_visible()
    assert post(server.url, {"taskName": "bert"}, authorization=f"Bearer {secret}").status == 200
    with page.context.browser.new_context(user_agent="a browser elsewhere") as elsewhere:  # type: ignore[union-attr]
        admit(elsewhere.new_page(), server)
        expect(page.get_by_role("listitem").filter(has_text="a browser elsewhere")).to_be_visible()
        expect(page.get_by_role("button", name="Revoke all others")).to_be_visible()
    keys = owner(server, "GET", "/api/keys")["keys"]
    say(server, "key", "revoke", *(str(key["id"]) for key in keys if key["label"] == "cluster"))
    expect(listed).to_have_count(0)
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_the_first_change_after_a_restart_appears_in_the_settings_by_itself(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    with browser.new_context() as context, serving(tmp_path / "data") as server:
        page = context.new_page()
        admit(page, server)
        page.goto(f"{server.url}/settings")
        listed = page.get_by_role("listitem").filter(has=page.get_by_text("never used"))
        expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
        make_key(server, "before")
        expect(listed).to_have_count(1)
        server.process.kill()
        server.process.wait()
        port = int(server.url.rpartition(":")[2])
        with serving(server.data_dir, port=port) as again:
            expect(page.get_by_text("Live", exact=True).first).to_be_visible()
            make_key(again, "after")
            expect(listed).to_have_count(2)
        assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_a_page_that_finds_itself_signed_out_shows_the_sign_in(page: Page, server: Server) -> None:
    sign_in(page, server)
    page.context.clear_cookies()
    reconnect(page)
    expect(page.get_by_text("Your session has ended or was revoked.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2F&why=ended$"))


def test_a_session_whose_time_is_over_shows_the_sign_in_though_nobody_touches_the_page(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    for seconds in (4, 8, 16, 32):  # a slow machine may need longer than the first to show the page at all
        data_dir = tmp_path / f"{seconds}" / "data"
        name, value = session_that_ends_in(data_dir, seconds)
        with serving(data_dir) as server, browser.new_context() as context:
            context.add_cookies([{"name": name, "value": value, "url": server.url}])
            page = context.new_page()
            page.goto(server.url)
            if was_seen(page.get_by_role("button", name="Account of owner"), within_s=seconds):
                ended = page.get_by_text("Your session has ended or was revoked.")
                expect(ended).to_be_visible(timeout=(seconds + 15) * 1000)
                return
    pytest.fail("no session lasted until its page was shown")


def session_that_ends_in(data_dir: Path, seconds: int) -> tuple[str, str]:
    """Make a database whose owner is signed in for so long, and return the name of the cookie and the cookie."""
    settings = settings_from(data_dir=data_dir)
    with ExitStack() as stack:
        database = open_data(settings, stack)
        name = found_door(database, settings, clock=utc_now).cookie_name
        owner = run_once(database, ensure_owner, now=utc_now())
        _, cookie = run_once(
            database,
            lambda work: open_session(work, owner, address=None, browser=None, way="link"),
            now=utc_now() - LASTS + timedelta(seconds=seconds),
        )
        database.close()
    return name, cookie


def was_seen(what: Locator, *, within_s: float) -> bool:
    """Whether `what` was there at some moment."""
    try:
        what.wait_for(timeout=within_s * 1000)
    except TimeoutError:
        return False
    return True
