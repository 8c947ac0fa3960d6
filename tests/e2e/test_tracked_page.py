"""The page of a task that an AI agent works on, as a person sees it while the agent tells of its work."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import post

pytestmark = pytest.mark.browser

CRITERIA = ["All tests pass", "The README says how to install it"]
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "agent_task.py"
NARROW: ViewportSize = {"width": 360, "height": 800}
WIDE: ViewportSize = {"width": 1360, "height": 900}


class Agent:
    """Tells a server of its work on one task."""

    def __init__(self, url: str, task: str) -> None:
        self.url = url
        self.task = task
        self.page = ""

    def say(self, kind: str, **payload: Any) -> None:
        reply = post(self.url, payload, f"/api/progress/{self.task}/{kind}")
        assert reply.status == 200, reply.body
        self.page = f"/tasks/{reply.json()['task']}"

    def start(self, **payload: Any) -> None:
        self.say("start", **{"agentId": "coder-7", "criteria": CRITERIA, **payload})

    def act(self, action: str, target: str, *, success: bool | None = True) -> None:
        self.say("action", action=action, target=target, success=success)


@pytest.fixture
def agent(server: Server, request: pytest.FixtureRequest) -> Agent:
    """An agent with a task of its own, whose name holds a slash."""
    return Agent(server.url, f"suite/{request.node.name}")


@pytest.fixture
def open_page(page: Page) -> Callable[[Agent], Page]:
    """Opens the page of what an agent works on, and waits until it is live."""

    def open_it(agent: Agent) -> Page:
        page.goto(agent.page)
        expect(page.get_by_text("Live", exact=True).first).to_be_visible()
        expect(page.locator(".tracked")).to_be_visible()
        page.evaluate("window.untouched = true")
        return page

    return open_it


def gauge(page: Page, name: str) -> Locator:
    return page.locator(".gauge", has=page.get_by_role("progressbar", name=name, exact=True))


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def hours_ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_the_panel_moves_with_every_change_and_no_reload(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(title="Mend the parser", maxIterations=8, maxCost=10)
    page = open_page(agent)
    expect(page.get_by_role("heading", name="Mend the parser")).to_be_visible()
    expect(page.get_by_text("Agent coder-7")).to_be_visible()
    expect(gauge(page, "Iteration")).to_contain_text("0 / 8")

    agent.say("iteration", iteration=3)
    expect(gauge(page, "Iteration")).to_contain_text("3 / 8")
    bar = page.get_by_role("progressbar", name="Iteration", exact=True)
    expect(bar).to_have_attribute("aria-valuetext", "iteration 3 of 8")
    expect(bar.locator(".progress-bar")).to_have_attribute("style", "width: 37.5%;")

    agent.say("criterion", index=1)
    expect(gauge(page, "Complete")).to_contain_text("50%")
    first, second = card(page, "Criteria").get_by_role("listitem").all()
    expect(second).to_contain_text(re.compile(r"The README says how to install it, verified\s*\d\d:\d\d"))
    expect(first).to_contain_text("All tests pass, not verified")

    agent.say("cost", cost=1.5)
    expect(card(page, "Budget")).to_contain_text("$1.50 of $10.00")

    agent.act("write", "src/parser.py")
    expect(card(page, "Files")).to_contain_text("1 created")
    expect(card(page, "Files")).to_contain_text("src/parser.py")
    newest = card(page, "Events").get_by_role("listitem").first
    expect(newest).to_contain_text("✓ write: src/parser.py")
    expect(page.locator(".others .card")).to_have_count(3)
    expect(page.get_by_role("img", name=re.compile("Cost in . curve, 1.5"))).to_be_attached()
    assert page.evaluate("window.untouched")


def test_the_current_action_has_a_clock_of_its_own(agent: Agent, open_page: Callable[[Agent], Page]) -> None:
    agent.start()
    page = open_page(agent)
    agent.act("run", "pytest -q", success=None)
    action = page.locator(".action")
    expect(action).to_contain_text("run")
    expect(action).to_contain_text("pytest -q")
    clock = action.locator(".action-clock")
    running = re.compile(r"^[1-9]\d*s$")
    expect(clock).to_have_text(running)
    seen = clock.inner_text()
    expect(clock).not_to_have_text(seen)
    expect(clock).to_have_text(running)
    words = action.locator(".action-text")
    expect(words).to_have_attribute("title", "run: pytest -q")
    agent.act("run", "pytest -q", success=False)
    expect(clock).to_have_text("failed")
    agent.act("think", "")
    expect(words).to_have_attribute("title", "think")


def test_that_nothing_is_heard_is_said_with_a_running_clock(
    agent: Agent, page: Page, open_page: Callable[[Agent], Page]
) -> None:
    agent.start()
    began = datetime.now(UTC)
    page.clock.install()
    open_page(agent)
    quiet = page.locator(".quiet-for")
    expect(quiet).to_have_count(0)
    # No timers are run through, as `fast_forward` would: the socket would think its server silent, and join anew.
    page.clock.set_system_time(began + timedelta(seconds=94))
    expect(quiet).to_have_text(re.compile(r"no event for 9[4-9] s"))
    page.clock.set_system_time(began + timedelta(seconds=154))
    expect(quiet).to_have_text(re.compile(r"no event for 2m 3\ds"))


def test_nothing_of_trainings_or_jobs_is_on_the_page(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start()
    agent.say("cost", cost=1)
    page = open_page(agent)
    expect(page.locator(".others .card").first).to_be_visible()
    said = page.locator("main").inner_text()
    assert not re.search(r"\b(epoch|steps?|loss|accuracy|training|job|smoothing)\b", said, re.IGNORECASE)


def test_what_only_trainings_have_does_not_flash_up_while_the_page_loads(agent: Agent, page: Page) -> None:
    agent.start()
    page.add_init_script(
        """window.flashed = false;
        const look = () => {
          const found = [...document.querySelectorAll(".figures, .curve, .progress-words")];
          window.flashed ||= found.some((each) => each.matches(".progress-words") ? each.innerText !== "-- complete"
            : getComputedStyle(each).visibility !== "hidden");
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);"""
    )
    page.goto(agent.page)
    expect(page.locator(".tracked")).to_be_visible()
    assert not page.evaluate("window.flashed")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_moves_while_the_page_of_an_ended_task_loads_and_its_events_are_filtered(
    agent: Agent, page: Page, size: ViewportSize
) -> None:
    agent.start(title="Parser")
    for number in range(30):
        agent.act("edit", f"part_{number}.py", success=number % 3 != 0)
    agent.say("complete", success=False, summary="The grammar is ambiguous.")
    page.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => {
          for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.set_viewport_size(size)
    page.goto(agent.page)
    events = card(page, "Events")
    expect(events.get_by_role("listitem").first).to_be_attached()
    assert page.evaluate("window.moved") < 0.02
    events.evaluate(
        """(card) => {
          window.heights = new Set([card.offsetHeight]);
          new ResizeObserver(() => window.heights.add(card.offsetHeight)).observe(card);
        }"""
    )
    events.get_by_role("button", name="Actions").click()
    expect(events.get_by_role("listitem").first).to_contain_text("edit: part_29.py")
    assert page.evaluate("window.heights.size") == 1


def test_the_budget_says_what_an_hour_costs_and_when_it_will_be_used_up(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(maxCost=8, maxSeconds=4 * 3600, at=hours_ago(2))
    agent.say("cost", cost=4)
    page = open_page(agent)
    budget = card(page, "Budget")
    expect(budget).to_contain_text("$2.00/h")
    expect(budget).to_contain_text(re.compile(r"used up in about (1h 59m|2h 0m), at "))
    expect(budget).to_contain_text(re.compile(r"2h 0m of 4h 0m"))
    agent.say("progress", progress=80)
    expect(budget).to_contain_text("about $5.00 at the end")


def test_who_goes_over_a_limit_is_told_to_stop_and_the_page_says_so(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(maxCost=2.5, maxIterations=2, stopAtLimit=True, at=hours_ago(1))
    page = open_page(agent)
    agent.say("cost", cost=3.1)
    expect(card(page, "Budget")).to_contain_text("$0.60 over")
    limit = page.get_by_role("status").filter(has_text="reached")
    expect(limit).to_have_text("Limit reached: the budget of $2.50. It was told to stop.")
    agent.say("iteration", iteration=2)
    expect(limit).to_contain_text("Limits reached: the budget of $2.50, 2 iterations.")


def test_that_time_is_up_is_said_though_nobody_reports(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(maxSeconds=2)
    page = open_page(agent)
    expect(page.get_by_text("Limit reached: the time of 2s.")).to_be_visible()
    expect(card(page, "Events").get_by_role("listitem").first).to_contain_text("Limit reached")


def test_the_end_has_a_card_with_what_was_done(agent: Agent, open_page: Callable[[Agent], Page]) -> None:
    agent.start(maxIterations=3, at=hours_ago(0.5))
    page = open_page(agent)
    expect(card(page, "Outcome")).to_have_count(0)
    agent.say("iteration", iteration=3)
    agent.act("create", "a.py")
    agent.act("edit", "b.py")
    agent.say("error", error="ImportError: no lark")
    agent.say("cost", cost=0.42)
    agent.say("criterion", index=0)
    agent.say("complete", success=True, summary="The parser handles nested lists.\nNothing else was touched.")
    outcome = card(page, "Outcome")
    expect(outcome.get_by_role("heading", name="Done")).to_be_visible()
    expect(outcome).to_contain_text("took 30m")
    expect(outcome).to_contain_text("Limit reached: 3 iterations.")
    expect(outcome).to_contain_text("The parser handles nested lists.")
    expect(outcome).to_contain_text("Nothing else was touched.")
    facts = {
        "Criteria": "1 / 2",
        "Iterations": "3 / 3",
        "Files created": "1",
        "Files modified": "1",
        "Cost": "$0.42",
        "Errors": "1",
    }
    for name, value in facts.items():
        expect(outcome.locator("div", has_text=name).locator("dd")).to_have_text(value)
    expect(gauge(page, "Complete")).to_contain_text("100%")
    expect(page.locator(".action")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert page.evaluate("window.untouched")


def test_a_failure_says_why_and_once(agent: Agent, open_page: Callable[[Agent], Page]) -> None:
    agent.start()
    page = open_page(agent)
    agent.say("complete", success=False, summary="The grammar is ambiguous.")
    expect(card(page, "Outcome").get_by_role("heading", name="Failed")).to_be_visible()
    expect(card(page, "Outcome")).to_contain_text("The grammar is ambiguous.")
    expect(page.locator(".task-head .reason")).to_have_count(0)


def test_who_ends_because_a_person_pressed_stop_was_stopped(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start()
    page = open_page(agent)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stop requested")).to_be_visible()
    agent.say("complete", success=False, summary="Left half way")
    outcome = card(page, "Outcome")
    expect(outcome.get_by_role("heading", name="Stopped")).to_be_visible()
    expect(outcome).to_contain_text("Left half way")
    last = card(page, "Events").get_by_role("listitem").first
    expect(last).to_contain_text("Task stopped")
    expect(last).not_to_have_class(re.compile("is-error"))


def test_points_of_one_second_are_shown_and_nothing_is_fetched_for_them(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(maxCost=10)
    page = open_page(agent)
    curve = page.get_by_role("img", name=re.compile("Cost in . curve"))
    curve.scroll_into_view_if_needed()
    expect(curve).to_have_attribute("aria-label", "Cost in $ curve, 0.0000")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "name=cost" in request.url else None)
    for cents in range(1, 11):
        agent.say("cost", cost=cents / 100)
        expect(curve).to_have_attribute("aria-label", f"Cost in $ curve, {cents / 100:.4f}")
    assert asked == []


def test_a_curve_that_grows_point_by_point_is_a_line_through_all_of_them(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    agent.start(criteriaTotal=4, criteria=None, at=began.isoformat())
    page = open_page(agent)
    curve = page.get_by_role("img", name=re.compile("Criteria verified curve"))
    curve.scroll_into_view_if_needed()
    drawn = "box => box.data && [box.data[1].mode, box.data[1].x.length, box.data[1].y]"
    wait_until_drawn(page, curve, drawn, ["markers", 1, [0]])
    for index in range(3):
        agent.say("criterion", index=index, at=(began + timedelta(seconds=10 * index + 10)).isoformat())
        wait_until_drawn(page, curve, drawn, ["lines", index + 2, list(range(index + 2))])


def wait_until_drawn(page: Page, curve: Locator, script: str, wanted: list[Any]) -> None:
    box = curve.element_handle()
    page.wait_for_function(
        f"([box, wanted]) => JSON.stringify(({script})(box)) === JSON.stringify(wanted)",
        arg=[box, wanted],
    )


def test_events_are_filtered_by_type_while_more_come(
    agent: Agent, open_page: Callable[[Agent], Page]
) -> None:
    agent.start()
    agent.act("read", "a.py")
    agent.say("error", error="first")
    agent.say("criterion", index=0)
    page = open_page(agent)
    events = card(page, "Events")
    lines = events.get_by_role("listitem")
    expect(lines).to_have_count(4)
    errors = events.get_by_role("button", name="Errors")
    errors.focus()
    page.keyboard.press("Enter")
    expect(errors).to_have_attribute("aria-pressed", "true")
    expect(lines).to_have_count(1)
    agent.act("read", "b.py")
    agent.say("error", error="second")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("ERROR: second")
    events.get_by_role("button", name="Progress").click()
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("Criterion 1 verified")
    events.get_by_role("button", name="Actions").click()
    expect(lines).to_have_count(2)
    events.get_by_role("button", name="All").click()
    expect(lines).to_have_count(6)


def test_older_events_are_fetched_when_they_are_asked_for(
    agent: Agent, server: Server, open_page: Callable[[Agent], Page]
) -> None:
    agent.start()
    changes = [
        {"taskId": agent.task, "type": "action", "action": "read", "target": f"{n}.py", "success": True}
        for n in range(120)
    ]
    assert post(server.url, {"changes": changes}, "/api/progress").status == 200
    page = open_page(agent)
    events = card(page, "Events")
    lines = events.get_by_role("listitem")
    expect(lines).to_have_count(50)
    for count in (100, 121):
        events.get_by_role("button", name="Show older").click()
        expect(lines).to_have_count(count)
    expect(events.get_by_role("button", name="Show older")).to_have_count(0)
    expect(lines.last).to_contain_text("Task execution started")


def test_more_than_a_frame_can_tell_is_fetched(
    agent: Agent, server: Server, open_page: Callable[[Agent], Page]
) -> None:
    agent.start(criteriaTotal=30, criteria=None)
    page = open_page(agent)
    changes: list[dict[str, Any]] = [
        {"type": "action", "action": "create", "target": f"src/{n}.py", "success": True} for n in range(60)
    ]
    changes += [{"type": "criterion", "index": n} for n in range(30)]
    batch = {"changes": [{"taskId": agent.task, **change} for change in changes]}
    assert post(server.url, batch, "/api/progress").status == 200
    files = card(page, "Files")
    expect(files).to_contain_text("60 created")
    expect(card(page, "Criteria")).to_contain_text("30 of 30 verified")
    expect(files.get_by_role("listitem")).to_have_count(5)
    expect(files.get_by_role("listitem").first).to_have_text("src/59.py")
    files.get_by_role("button", name="Show all 60").click()
    expect(files.get_by_role("listitem")).to_have_count(60)
    agent.act("create", "src/60.py")
    expect(files.get_by_role("listitem").first).to_have_text("src/60.py")


def test_a_new_start_begins_anew_on_the_open_page(agent: Agent, open_page: Callable[[Agent], Page]) -> None:
    agent.start()
    agent.say("iteration", iteration=5)
    agent.say("complete", success=False)
    page = open_page(agent)
    expect(card(page, "Outcome")).to_be_visible()
    agent.start(criteria=["Only this"], maxIterations=4)
    expect(card(page, "Outcome")).to_have_count(0)
    expect(gauge(page, "Iteration")).to_contain_text("0 / 4")
    expect(card(page, "Criteria").get_by_role("listitem")).to_have_count(1)
    expect(card(page, "Events").get_by_role("listitem")).to_have_count(1)


def test_the_example_is_watched_from_its_start_to_its_end(server: Server, page: Page) -> None:
    page.goto("/?q=watched")
    options = ("--url", server.url, "--name", "watched repair", "--pause", "0.3")
    with subprocess.Popen([sys.executable, EXAMPLE, *options], stdout=subprocess.DEVNULL) as repairing:
        page.get_by_role("link", name="watched repair").click()
        page.evaluate("window.untouched = true")
        expect(page.locator(".action code")).to_be_visible()
        expect(page.locator(".criteria .is-verified").first).to_be_visible(timeout=60_000)
        assert repairing.wait(90) == 0
    outcome = card(page, "Outcome")
    expect(outcome.get_by_role("heading", name="Done")).to_be_visible()
    expect(outcome.locator("div", has_text="Criteria").locator("dd")).to_have_text("6 / 6")
    expect(page.locator(".criteria .is-verified")).to_have_count(6)
    expect(card(page, "Files")).to_contain_text("3 created")
    expect(card(page, "Events").get_by_role("listitem").first).to_contain_text("Task completed successfully")
    assert page.evaluate("window.untouched")


def test_a_list_says_iterations_and_what_is_being_done(agent: Agent, page: Page) -> None:
    agent.start(title="Listed task", maxCost=9)
    page.goto("/?q=Listed")
    row = page.locator("li.row")
    expect(row).to_contain_text("0/20 iterations")
    agent.say("iteration", iteration=3)
    agent.act("edit", "src/app.py", success=None)
    agent.say("cost", cost=1.25)
    expect(row).to_contain_text("3/20 iterations")
    expect(row).to_contain_text("edit: src/app.py")
    expect(row).to_contain_text("$1.25")


def test_an_agent_that_only_reports_has_a_page_as_well(server: Server, page: Page) -> None:
    report = {"taskName": "plain agent", "type": "agent", "step": 3, "totalSteps": 12, "message": "thinking"}
    task_id = post(server.url, report).json()["taskId"]
    page.goto(f"/tasks/{task_id}")
    expect(page.get_by_text("25% complete")).to_be_visible()
    expect(page.get_by_text("3/12 iterations")).to_be_visible()
    expect(page.get_by_text("thinking")).to_be_visible()
    expect(page.get_by_text("Epoch")).to_have_count(0)
    expect(page.get_by_text("Loss")).to_have_count(0)
    for name in ("Criteria", "Budget", "Files", "Events"):
        expect(card(page, name)).to_have_count(0)
    assert post(server.url, {**report, "step": 12, "status": "complete"}).status == 200
    expect(page.locator(".ending")).to_have_text("Complete")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_nothing_is_wider_than_the_screen(
    agent: Agent, page: Page, open_page: Callable[[Agent], Page], size: Any
) -> None:
    page.set_viewport_size(size)
    long = "/".join(["a_directory_with_a_long_name"] * 8)
    agent.start(title="word" * 40, criteria=["c" * 180], maxCost=1, maxSeconds=60)
    agent.act("write", f"{long}.py")
    agent.act("a_tool_with_quite_a_long_name_indeed" * 4, long, success=None)
    agent.say("error", error="E" * 400)
    agent.say("cost", cost=123_456.78)
    open_page(agent)
    expect(card(page, "Events").get_by_role("listitem")).to_have_count(4)
    is_wider = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(is_wider)
    agent.say("complete", success=False, summary="S" * 500)
    expect(card(page, "Outcome")).to_be_visible()
    assert not page.evaluate(is_wider)


def test_after_a_restart_the_panel_is_current_again_by_itself(
    browser: Browser, built_page: Path, tmp_path: Path
) -> None:
    context = browser.new_context()
    page, port = context.new_page(), free_port()
    agent = Agent(f"http://127.0.0.1:{port}", "survivor")
    with serving(tmp_path / "data", port=port) as server:
        agent.start()
        agent.say("iteration", iteration=4)
        page.goto(server.url + agent.page)
        expect(gauge(page, "Iteration")).to_contain_text("4 / 20")
        page.evaluate("window.untouched = true")
    with serving(tmp_path / "data", port=port):
        agent.say("iteration", iteration=5)
        agent.act("write", "after.py")
        expect(gauge(page, "Iteration")).to_contain_text("5 / 20")
        expect(card(page, "Events")).to_contain_text("✓ write: after.py")
        agent.say("iteration", iteration=6)
        expect(gauge(page, "Iteration")).to_contain_text("6 / 20")
        assert page.evaluate("window.untouched")
    context.close()
