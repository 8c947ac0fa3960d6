"""What real jobs print, as a person reads it while it comes, and afterwards."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.plugins.page_socket import LIVE, page_socket
from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post, request, say

pytestmark = pytest.mark.browser

PATIENCE_S = 30
PRELUDE = """
import pathlib, sys, time
gates = pathlib.Path({gates!r})
def gate(name):
    while not (gates / name).exists():
        time.sleep(0.01)
def show(text, end="\\n"):
    print(text, end=end, flush=True)
"""


class Jobs:
    """Real jobs, and the gates at which they wait until a test lets them go on."""

    def __init__(self, server: Server, gates: Path) -> None:
        self.server = server
        self._gates = gates
        link = re.findall(r"/sign-in#(\w+)", server.log_file.read_text())[-1]
        answer = say(server.url, request("POST", "/api/sign-in", json.dumps({"link": link}).encode()))
        found = re.search(rb"set-cookie: ([^;]+)", answer.head, re.IGNORECASE)
        assert found
        self._cookie = found[1].decode()

    def post(self, path: str, payload: object = None) -> Any:
        body = b"" if payload is None else json.dumps(payload).encode()
        answer = say(self.server.url, request("POST", path, body, cookie=self._cookie))
        assert answer.status in (200, 201), answer.body
        return answer.json()

    def delete(self, job: int) -> None:
        raw = request("DELETE", f"/api/tasks/{job}", b"", cookie=self._cookie)
        assert say(self.server.url, raw).status == 200

    def start(self, program: str) -> int:
        """Start a job that executes `program`, and return its id."""
        command = [sys.executable, "-c", PRELUDE.format(gates=str(self._gates)) + program]
        spec = {"name": "job", "modelName": "m", "epochs": 1, "runner": "local", "command": command}
        job = int(self.post("/api/training/jobs", spec)["id"])
        self.start_again(job)
        return job

    def start_again(self, job: int) -> None:
        self.post(f"/api/training/jobs/{job}/start")

    def open(self, gate: str) -> None:
        """Let whoever waits at a gate go on."""
        (self._gates / gate).touch()

    def state(self, job: int) -> str:
        return get(self.server.url, f"/api/tasks/{job}").json()["status"]

    def until_ended(self, job: int) -> str:
        until(lambda: self.state(job) in ("complete", "failed", "stopped"))
        return self.state(job)

    def log(self, job: int, query: str = "") -> dict[str, Any]:
        return get(self.server.url, f"/api/training/jobs/{job}/log?{query}").json()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose owner allows free commands."""
    data = tmp_path_factory.mktemp("logs") / "data"
    data.mkdir()
    (data / "templates.toml").write_text("[free]\nenabled = true\n")
    with serving(data, environment={"TRAINWATCH_JOBS_AT_ONCE": "20"}) as server:
        yield server


@pytest.fixture(scope="module")
def jobs(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    return Jobs(server, tmp_path_factory.mktemp("gates"))


@pytest.fixture(scope="module")
def long(jobs: Jobs) -> int:
    """A job that has printed 8,000 lines, and in every two thousandth a needle."""
    job = jobs.start(
        "for n in range(8000): show(f'line {n}' + (' with a needle in it' if n % 2000 == 7 else ''))"
    )
    jobs.until_ended(job)
    return job


@pytest.fixture(scope="module")
def silent(jobs: Jobs) -> int:
    """A job that prints nothing."""
    return jobs.start("pass")


def open_log(page: Page, job: int) -> Locator:
    """Open a job's page and return the box of its log."""
    page.goto(f"/tasks/{job}")
    page.locator(".log").scroll_into_view_if_needed()
    return page.locator(".log-pane")


def lines(page: Page) -> Locator:
    return page.locator(".log-line")


class Held:
    """What a page asks for from now on, at addresses like that one, and is not answered until it is let go."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        self._is_over = False
        page.route(re.compile(address), self._hear)

    def _hear(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
        else:
            self._routes.append(route)

    def until(self, count: int) -> None:
        """Wait until so many questions are held."""
        until(lambda: self._page.evaluate("true") and len(self._routes) >= count)

    def let_go(self) -> None:
        """Have the questions answered, those that are held, and any to come."""
        self._is_over = True
        for route in self._routes:
            route.continue_()


def finder_of(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search the log")


def tally(page: Page) -> Locator:
    """Which match of how many is shown."""
    return page.locator(".log-finder .caption")


def height(page: Page) -> int:
    return page.locator(".log-pane").evaluate("(box) => box.scrollHeight")


def scroll(box: Locator, to: str) -> None:
    """Set where the box is scrolled to, and have it heard before anything else happens."""
    box.evaluate(f"(box) => {{ box.scrollTop {to}; box.dispatchEvent(new Event('scroll')); }}")


def is_at_end(page: Page) -> bool:
    return page.locator(".log-pane").evaluate(
        "(box) => box.scrollHeight - box.scrollTop - box.clientHeight < 30"
    )


# The API


def test_the_log_of_a_job_is_read_by_who_may_only_look(jobs: Jobs) -> None:
    job = jobs.start(
        "show('epoch 1 \\x1b[32mdone\\x1b[0m')\nfor n in range(101): show(f'\\r{n}%|###| {n}/100 [00:01<00:02]', end='')"
    )
    assert jobs.until_ended(job) == "complete"
    told = jobs.log(job)
    assert [line["spans"] for line in told["lines"]] == [
        [{"t": "epoch 1 "}, {"t": "done", "fg": 2}],
        [{"t": "100%|###| 100/100 [00:01<00:02]"}],
    ]
    assert (told["attempt"], told["total"], told["rules"]) == (1, 2, ["tqdm"])
    assert jobs.log(job, f"after={told['next']}")["lines"] == []
    raw = get(jobs.server.url, f"/api/training/jobs/{job}/log/download")
    assert b"\r\nepoch 1 \x1b[32mdone\x1b[0m\n\r0%|###|" in raw.body
    head = raw.head.lower()
    assert b"content-type: text/plain" in head
    assert b"content-disposition: attachment" in head
    assert b"x-content-type-options: nosniff" in head


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("tail=0", "tail"),
        ("tail=2001", "tail"),
        ("after=-1", "after"),
        ("from=x", "from"),
        ("tail=1&after=1", "after"),
        ("attempt=0", "attempt"),
        ("before=0", "before"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(
    jobs: Jobs, silent: int, query: str, field: str
) -> None:
    answer = get(jobs.server.url, f"/api/training/jobs/{silent}/log?{query}")
    assert (answer.status, answer.json()["error"]["field"]) == (400, field)


def test_a_job_or_an_attempt_that_is_not_there_has_no_log(jobs: Jobs) -> None:
    job = jobs.start("show('hello')")
    for path in ("", "/search?q=x", "/download"):
        assert get(jobs.server.url, f"/api/training/jobs/999/log{path}").status == 404
    assert get(jobs.server.url, f"/api/training/jobs/{job}/log?attempt=2").status == 404
    assert get(jobs.server.url, f"/api/training/jobs/{job}/log/search").status == 400
    say(jobs.server.url, request("POST", "/hook", b'{"taskName": "no job"}'))
    task = get(jobs.server.url, "/api/tasks?q=no+job").json()["tasks"][0]["id"]
    assert get(jobs.server.url, f"/api/training/jobs/{task}/log").status == 404


def test_a_deleted_job_takes_its_folders_along(jobs: Jobs) -> None:
    job = jobs.start("pathlib.Path('checkpoint').write_text('x')\nshow('hello')")
    jobs.until_ended(job)
    folder = jobs.server.data_dir / "attempts" / f"{job}-1"
    assert folder.exists()
    jobs.delete(job)
    until(lambda: not folder.exists())


# The page


def test_lines_come_by_themselves_in_colour_and_a_bar_stays_one_line(page: Page, jobs: Jobs) -> None:
    job = jobs.start(
        "show('\\x1b[31mred\\x1b[0m and <b>plain</b>')\n"
        "gate('live')\n"
        "for n in range(101): show(f'\\r{n:3d}%|###| {n}/100', end='')\n"
        "gate('more')\nshow('\\nafter the bar')\ngate('done')\n"
    )
    open_log(page, job)
    expect(lines(page)).to_have_text(["red and <b>plain</b>"])
    red = page.locator(".log-line span").first
    expect(red).to_have_text("red")
    colour = red.evaluate("(span) => getComputedStyle(span).color")
    assert colour != lines(page).first.evaluate("(line) => getComputedStyle(line).color")
    jobs.open("live")
    expect(lines(page).last).to_have_text("100%|###| 100/100")
    expect(lines(page)).to_have_count(2)
    jobs.open("more")
    expect(lines(page)).to_have_text(["red and <b>plain</b>", "100%|###| 100/100", "after the bar"])
    jobs.open("done")
    expect(page.locator(".log-foot")).to_contain_text("3 lines")


def test_it_follows_the_end_until_somebody_scrolls_up_and_goes_back_by_a_button(
    page: Page, jobs: Jobs
) -> None:
    job = jobs.start(
        "for n in range(200): show(f'line {n}')\ngate('next')\nfor n in range(200, 260): show(f'line {n}')\n"
        "gate('last')\nfor n in range(260, 300): show(f'line {n}')\ngate('end')\n"
    )
    box = open_log(page, job)
    expect(lines(page).last).to_have_text("line 199")
    assert is_at_end(page)
    assert lines(page).count() < 150
    scroll(box, "= 900")
    jump = page.get_by_role("button", name="Jump to the end")
    expect(jump).to_have_text("Jump to the end")
    seen = page.get_by_text("line 60", exact=True)
    expect(seen).to_be_visible()
    place = seen.bounding_box()
    jobs.open("next")
    expect(jump).to_have_text("Jump to the end · 60 new")
    assert seen.bounding_box() == place
    jump.click()
    expect(lines(page).last).to_have_text("line 259")
    expect(jump).to_have_count(0)
    jobs.open("last")
    expect(lines(page).last).to_have_text("line 299")
    until(lambda: is_at_end(page))
    jobs.open("end")


def test_the_keyboard_scrolls_and_what_lies_further_up_is_fetched(page: Page, jobs: Jobs) -> None:
    job = jobs.start("for n in range(5000): show(f'line {n}')")
    jobs.until_ended(job)
    box = open_log(page, job)
    expect(lines(page).last).to_have_text("line 4999")
    for further in ("line 4490", "line 3990"):
        expect(page.get_by_text(further, exact=True)).to_have_count(0)
        scroll(box, "= 0")
        expect(page.get_by_text(further, exact=True)).to_have_count(1)
    box.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("line 0", exact=True)).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("line 4999", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Jump to the end")).to_have_count(0)


def test_a_text_is_found_anywhere_in_the_log_and_shown(page: Page, jobs: Jobs) -> None:
    job = jobs.start(
        "for n in range(8000): show(f'line {n}' + (' with a \\x1b[1mnee\\x1b[0mdle in it' if n % 2000 == 7 else ''))"
    )
    jobs.until_ended(job)
    open_log(page, job)
    expect(lines(page).last).to_have_text("line 7999")
    finder = page.get_by_role("searchbox", name="Search the log")
    finder.fill("NEEDLE in")
    expect(page.locator(".log-finder")).to_contain_text("1 of 4")
    chosen = page.locator(".log-line.is-chosen")
    expect(chosen).to_have_text("line 6007 with a needle in it")
    expect(chosen.locator("mark")).to_have_text(["nee", "dle in"])
    finder.press("Enter")
    expect(chosen).to_have_text("line 4007 with a needle in it")
    expect(chosen).to_be_in_viewport()
    page.get_by_role("button", name="Match further up").click()
    expect(chosen).to_have_text("line 2007 with a needle in it")
    finder.press("Shift+Enter")
    expect(chosen).to_have_text("line 4007 with a needle in it")
    finder.fill("no such thing")
    expect(page.locator(".log-finder")).to_contain_text("None")
    finder.press("Escape")
    expect(page.locator(".log-line mark")).to_have_count(0)


def test_what_was_fetched_while_the_log_grew_stays(page: Page, jobs: Jobs) -> None:
    job = jobs.start("for n in range(3000): show(f'line {n}')\ngate('grows')\nshow('more')\ngate('grown')")
    box = open_log(page, job)
    expect(lines(page).last).to_have_text("line 2999")
    scroll(box, "= 4000")
    jump = page.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    growth = Held(page, r"/log\?.*tail=")
    jobs.open("grows")
    growth.until(1)
    scroll(box, "= 0")
    filled = page.get_by_text("line 2490", exact=True)
    expect(filled).to_have_count(1)
    again = Held(page, r"/log\?.*(before|from)=")
    growth.let_go()
    expect(jump).to_contain_text("1 new")
    expect(filled).to_have_count(1)
    again.let_go()
    jobs.open("grown")


def test_the_least_scroll_upwards_ends_the_following(page: Page, jobs: Jobs) -> None:
    job = jobs.start("for n in range(200): show(f'line {n}')\ngate('touched')\nshow('more')\ngate('left')")
    box = open_log(page, job)
    expect(lines(page).last).to_have_text("line 199")
    until(lambda: is_at_end(page))
    scroll(box, "-= 3")
    jump = page.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    place = box.evaluate("(box) => box.scrollTop")
    jobs.open("touched")
    expect(jump).to_contain_text("1 new")
    assert box.evaluate("(box) => box.scrollTop") == place
    scroll(box, "+= 10")
    expect(jump).to_have_count(0)
    expect(lines(page).last).to_have_text("more")
    jobs.open("left")


def test_whoever_reads_further_up_is_not_touched_while_the_log_grows(page: Page, jobs: Jobs) -> None:
    job = jobs.start("for n in range(200): show(f'line {n}')\ngate('reads')\nshow('more')\ngate('has read')")
    box = open_log(page, job)
    expect(lines(page).last).to_have_text("line 199")
    scroll(box, "= 900")
    jump = page.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    box.evaluate(
        """(box) => {
            window.touches = 0;
            const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
            Object.defineProperty(box, "scrollTop", { get, set(top) { window.touches += 1; set.call(box, top); } });
        }"""
    )
    jobs.open("reads")
    expect(jump).to_contain_text("1 new")
    assert page.evaluate("window.touches") == 0
    jobs.open("has read")


def test_whoever_scrolls_away_while_the_beginning_is_fetched_is_not_taken_there(
    page: Page, long: int, jobs: Jobs
) -> None:
    box = open_log(page, long)
    expect(lines(page).last).to_have_text("line 7999")
    beginning = Held(page, r"/log\?.*from=0")
    box.focus()
    page.keyboard.press("Home")
    beginning.until(1)
    scroll(box, "-= 900")
    seen = page.get_by_text("line 7930", exact=True)
    expect(seen).to_be_in_viewport()
    before = height(page)
    with page.expect_response(re.compile("from=0")):
        beginning.let_go()
    until(lambda: height(page) > before)
    page.get_by_role("button", name="Wrap").click()
    expect(seen).to_be_in_viewport()


def on_the_way_to_a_match(page: Page, job: int) -> Held:
    """Ask for the second of four matches in a log of 8,000 lines, and return what holds its lines back."""
    open_log(page, job)
    finder_of(page).fill("needle")
    expect(tally(page)).to_have_text("1 of 4")
    slow = Held(page, r"/log\?.*from=")
    finder_of(page).press("Enter")
    slow.until(1)
    return slow


def test_of_two_matches_asked_for_quickly_the_second_is_shown(page: Page, long: int) -> None:
    slow = on_the_way_to_a_match(page, long)
    expect(tally(page)).to_have_text("2 of 4")
    finder_of(page).press("Enter")
    expect(tally(page)).to_have_text("3 of 4")
    slow.until(2)
    slow.let_go()
    chosen = page.locator(".log-line.is-chosen")
    expect(chosen).to_have_text("line 2007 with a needle in it")
    expect(chosen).to_be_in_viewport()
    expect(tally(page)).to_have_text("3 of 4")


def test_a_match_that_comes_late_takes_nobody_away_from_the_end(page: Page, long: int) -> None:
    slow = on_the_way_to_a_match(page, long)
    jump = page.get_by_role("button", name="Jump to the end")
    jump.click()
    expect(jump).to_have_count(0)
    before = height(page)
    slow.let_go()
    until(lambda: height(page) > before)
    expect(lines(page).last).to_have_text("line 7999")
    assert is_at_end(page)
    expect(jump).to_have_count(0)


def test_a_match_that_comes_late_is_nothing_to_the_next_search(page: Page, long: int) -> None:
    slow = on_the_way_to_a_match(page, long)
    finder_of(page).fill("line 7990")
    expect(tally(page)).to_have_text("1 of 1")
    before = height(page)
    slow.let_go()
    until(lambda: height(page) > before)
    chosen = page.locator(".log-line.is-chosen")
    expect(chosen).to_have_text("line 7990")
    expect(chosen).to_be_in_viewport()
    expect(tally(page)).to_have_text("1 of 1")


def test_a_text_that_is_looked_for_again_meanwhile_is_counted_once(page: Page, long: int) -> None:
    open_log(page, long)
    expect(lines(page).last).to_have_text("line 7999")
    slow = Held(page, r"/log/search\?")
    for count, text in enumerate(["needle", "needl", "needle"], start=1):
        finder_of(page).fill(text)
        slow.until(count)
    slow.let_go()
    for at in (1, 2, 3, 4, 1):
        expect(tally(page)).to_have_text(f"{at} of 4")
        finder_of(page).press("Enter")


def test_a_search_that_fails_says_so_and_can_be_tried_again(page: Page, long: int) -> None:
    open_log(page, long)
    expect(lines(page).last).to_have_text("line 7999")
    page.route(
        re.compile(r"/log/search\?"),
        lambda route: route.fulfill(status=503, json={"error": {"message": "Too busy"}}),
    )
    finder_of(page).fill("needle")
    expect(tally(page)).to_have_text("No answer")
    expect(page.locator(".log").get_by_role("status")).to_have_text("Too busy")
    page.unroute_all()
    finder_of(page).press("Enter")
    expect(tally(page)).to_have_text("1 of 4")
    expect(page.locator(".log").get_by_role("status")).to_have_count(0)


def test_enter_looks_for_what_is_typed_and_not_for_what_was(page: Page, long: int) -> None:
    open_log(page, long)
    finder_of(page).fill("needle")
    expect(tally(page)).to_have_text("1 of 4")
    typed = """(finder) => {
        const type = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
        type.call(finder, "line 7990");
        finder.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    finder_of(page).evaluate(typed)
    finder_of(page).press("Enter")
    expect(page.locator(".log-line.is-chosen")).to_have_text("line 7990")
    assert not any("from=4007" in address for address in asked)


def test_of_a_failed_job_the_last_lines_are_shown_and_what_it_died_of_stands_out(
    page: Page, jobs: Jobs
) -> None:
    job = jobs.start("for n in range(3000): show(f'line {n}')\nraise RuntimeError('out of memory')")
    assert jobs.until_ended(job) == "failed"
    open_log(page, job)
    expect(lines(page).last).to_have_text("RuntimeError: out of memory")
    page.locator(".log-foot").scroll_into_view_if_needed()
    expect(lines(page).last).to_be_in_viewport()
    expect(page.locator(".is-culprit")).to_have_text(["RuntimeError: out of memory"])


def test_each_attempt_has_its_own_log(page: Page, jobs: Jobs) -> None:
    job = jobs.start(
        "mark = gates / 'been here'\nshow('second' if mark.exists() else 'first')\nmark.touch()\ngate('both')"
    )
    open_log(page, job)
    expect(lines(page)).to_have_text(["first"])
    jobs.open("both")
    jobs.until_ended(job)
    jobs.start_again(job)
    expect(lines(page)).to_have_text(["second"])
    jobs.until_ended(job)
    choice = page.locator(".log").locator("select")
    choice.select_option("1")
    expect(lines(page)).to_have_text(["first"])
    with page.expect_download() as download:
        page.locator(".log").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"trainwatch-job-{job}-attempt-1.log"
    assert download.value.path().read_text() == "first\n"
    choice.select_option("2")
    expect(lines(page)).to_have_text(["second"])


def test_whoever_reads_an_earlier_attempt_stays_there_when_the_next_one_begins(
    page: Page, jobs: Jobs
) -> None:
    job = jobs.start(
        "times = gates / 'times'\nn = len(times.read_text()) + 1 if times.exists() else 1\n"
        "times.write_text('x' * n)\nshow(f'attempt {n}')"
    )
    jobs.until_ended(job)
    jobs.start_again(job)
    jobs.until_ended(job)
    open_log(page, job)
    choice = page.locator(".log").locator("select")
    choice.select_option("1")
    expect(lines(page)).to_have_text(["attempt 1"])
    finder_of(page).fill("attempt")
    expect(tally(page)).to_have_text("1 of 1")
    jobs.start_again(job)
    expect(choice.locator("option")).to_have_count(3)
    jobs.until_ended(job)
    expect(choice).to_have_value("1")
    expect(lines(page)).to_have_text(["attempt 1"])
    expect(tally(page)).to_have_text("1 of 1")
    choice.select_option("3")
    expect(lines(page)).to_have_text(["attempt 3"])
    jobs.start_again(job)
    expect(lines(page)).to_have_text(["attempt 4"])


def test_lines_are_wrapped_or_not_as_the_reader_wants(page: Page, jobs: Jobs) -> None:
    job = jobs.start("show('x' * 1000)\nshow('short')")
    jobs.until_ended(job)
    box = open_log(page, job)
    expect(lines(page)).to_have_count(2)
    fits = "(box) => box.scrollWidth <= box.clientWidth"
    assert box.evaluate(fits)
    page.get_by_role("button", name="Wrap").click()
    until(lambda: not box.evaluate(fits))
    page.reload()
    page.locator(".log").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Wrap")).to_have_attribute("aria-pressed", "false")


def test_lines_can_be_marked_and_taken_along_without_their_numbers(page: Page, jobs: Jobs) -> None:
    job = jobs.start("for n in range(30): show(f'line {n}')\ngate('marked')\nshow('more')\ngate('read')")
    open_log(page, job)
    expect(lines(page).last).to_have_text("line 29")
    page.evaluate(
        """() => {
            const [first, , third] = [...document.querySelectorAll(".log-line")].slice(-3);
            document.getSelection().setBaseAndExtent(first, 0, third, third.childNodes.length);
        }"""
    )
    assert page.evaluate("document.getSelection().toString()") == "line 27\nline 28\nline 29"
    jobs.open("marked")
    expect(page.get_by_role("button", name="Jump to the end")).to_contain_text("1 new")
    assert page.evaluate("document.getSelection().toString()") == "line 27\nline 28\nline 29"
    jobs.open("read")


def test_a_job_that_has_not_printed_says_so_and_a_reported_task_has_no_log(page: Page, jobs: Jobs) -> None:
    job = jobs.start("gate('silent')")
    page.goto(f"/tasks/{job}")
    expect(page.locator(".log-empty")).to_have_text("Nothing printed yet.")
    jobs.open("silent")
    expect(page.locator(".log-empty")).to_have_text("Nothing was printed.")
    reported = say(jobs.server.url, request("POST", "/hook", b'{"taskName": "reported", "loss": 1}')).json()
    page.goto(f"/tasks/{reported['taskId']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("reported")
    expect(page.locator(".log")).to_have_count(0)


def test_a_flood_leaves_the_page_fluent_and_its_end_is_shown(
    context: BrowserContext, page: Page, jobs: Jobs
) -> None:
    job = jobs.start("gate('flood')\nfor n in range(60_000): print(f'step {n} loss={1 / (n + 1):.6f}')\n")
    open_log(page, job)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    expect(page.locator(".curve .js-plotly-plot")).to_be_visible()
    page.evaluate(
        """() => {
            window.longest = 0;
            let last = performance.now();
            const frame = (at) => { window.longest = Math.max(window.longest, at - last); last = at; requestAnimationFrame(frame); };
            requestAnimationFrame(frame);
        }"""
    )
    jobs.open("flood")
    expect(lines(page).last).to_have_text(re.compile("^step 59999 "), timeout=PATIENCE_S * 1000)
    assert lines(page).count() < 150
    assert page.evaluate("window.longest") < 5_000  # it would stand still for as long as lines come


def test_what_a_program_sends_of_its_output_is_a_log_on_its_page_as_it_comes(page: Page, jobs: Jobs) -> None:
    url = jobs.server.url
    task = say(url, request("POST", "/hook", b'{"taskName": "elsewhere", "loss": 1}')).json()["taskId"]
    page.goto(f"/tasks/{task}")
    expect(page.get_by_role("heading", name="elsewhere")).to_be_visible()
    expect(page.locator(".log")).to_have_count(0)

    def send(data: bytes, offset: int) -> int:
        return say(url, request("POST", f"/api/tasks/{task}/log?offset={offset}", data)).json()["next"]

    size = send(b"one\n\x1b[31mtwo\x1b[0m\n", 0)
    page.locator(".log").scroll_into_view_if_needed()
    expect(lines(page)).to_have_text(["one", "two"])
    assert send(b"three\n", size) == send(b"three\n", size)
    expect(lines(page)).to_have_text(["one", "two", "three"])
    page.reload()
    page.locator(".log").scroll_into_view_if_needed()
    expect(lines(page)).to_have_text(["one", "two", "three"])
    with page.expect_download() as download:
        page.locator(".log").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"trainwatch-task-{task}-attempt-1.log"


def test_a_page_hears_of_a_log_that_began_before_it_joined(jobs: Jobs) -> None:
    url = jobs.server.url
    task = say(url, request("POST", "/hook", b'{"taskName": "began before", "loss": 1}')).json()["taskId"]
    for has_log in (False, True):
        with page_socket(url) as page:
            page.open_page(f"/tasks/{task}", task_id=str(task))
            page.settle()
            assert [frame["hasLog"] for frame in page.told(LIVE, "task") if frame] == [has_log]
        assert say(url, request("POST", f"/api/tasks/{task}/log?offset=0", b"one\n")).status == 200


def test_nobody_writes_into_the_log_of_a_job_or_where_there_is_no_task(jobs: Jobs) -> None:
    job = jobs.start("show('mine')")
    jobs.until_ended(job)
    for path, status in [
        (f"/api/tasks/{job}/log?offset=0", 409),
        ("/api/tasks/999/log?offset=0", 404),
        (f"/api/tasks/{job}/log", 409),
        (f"/api/tasks/{job}/log?offset=-1", 400),
        (f"/api/tasks/{job}/log?offset=0&attempt=2", 404),
    ]:
        assert say(jobs.server.url, request("POST", path, b"not mine")).status == status, path
    assert [line["spans"] for line in jobs.log(job)["lines"]] == [[{"t": "mine"}]]


def test_the_log_of_a_reported_task_stays_though_the_task_was_asked_for_before_it_began(
    page: Page, server: Server
) -> None:
    task = post(server.url, {"taskName": "late to print", "step": 1}).json()["taskId"]
    held: list[Route] = []
    page.goto(f"/tasks/{task}")
    history = page.locator("section.card").filter(has=page.get_by_role("heading", name="History"))
    expect(history).to_contain_text("first report")
    page.route(f"**/api/tasks/{task}", lambda route, _request: held.append(route))
    with page.expect_request(f"**/api/tasks/{task}"):
        post(server.url, {"taskName": "late to print", "message": "begins to print"})
    before = get(server.url, f"/api/tasks/{task}")
    assert before.json()["hasLog"] is False
    assert say(server.url, request("POST", f"/api/tasks/{task}/log", b"hello\n")).status == 200
    expect(page.locator(".log-line")).to_contain_text(["hello"])
    held[0].fulfill(body=before.body, content_type="application/json")
    expect(history).to_contain_text("begins to print")
    expect(page.locator(".log-line")).to_contain_text(["hello"])
