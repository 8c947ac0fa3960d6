"""The curve of a task, when answers are slow and the page goes on to another one."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.plugins.server import Server
from tests.plugins.toasts import keep_toasts
from tests.plugins.wire import post

pytestmark = pytest.mark.browser

POINTS = 10_000
FINE_TO = """([plot, last]) => {
  const [[from, to], x] = [plot.layout.xaxis.range, plot.data[1].x];
  return x.at(-1) === last && to - from < 1500 && x.filter((step) => step >= from && step <= to).length > 0.9 * (to - from);
}"""


def with_two_attempts(server: Server, name: str) -> int:
    """Report a task that ended once and began again, and return its id."""
    post(server.url, {"taskName": name, "step": 1, "loss": 2.0})
    post(server.url, {"taskName": name, "status": "complete", "step": 2, "loss": 1.0})
    return int(
        post(server.url, {"taskName": name, "status": "running", "step": 1, "loss": 3.0}).json()["taskId"]
    )


def open_task(page: Page, task_id: int) -> Locator:
    """Open the page of a task and return its main plot, once it is drawn and the page hears everything."""
    page.goto(f"/tasks/{task_id}")
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    plot = page.locator(".curve .js-plotly-plot")
    expect(plot.locator(".nsewdrag")).to_be_visible()
    return plot


def zoom(page: Page, plot: Locator, start: float, end: float) -> None:
    """Draw over a share of the plot's width."""
    box = plot.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 40, steps=8)
    page.mouse.up()


def test_the_next_task_begins_with_its_own_attempt(page: Page, server: Server) -> None:
    keep_toasts(page)
    open_task(page, with_two_attempts(server, "looked at"))
    attempt = page.locator(".curve select")
    attempt.select_option("1")
    with_two_attempts(server, "up next")
    page.locator(".toasts").get_by_role("link", name="Open task").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("up next")
    expect(attempt).to_have_value("current")


def test_another_attempt_is_shown_whole_and_there_is_no_zoom_to_undo(page: Page, server: Server) -> None:
    plot = open_task(page, with_two_attempts(server, "zoomed before"))
    post(server.url, {"taskName": "zoomed before", "series": {"loss": {"values": [1.0] * 50}}})
    page.wait_for_function("(plot) => plot.data[1].x.length > 50", arg=plot.element_handle())
    zoom(page, plot, 0.2, 0.6)
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    page.locator(".curve select").select_option("1")
    expect(page.get_by_role("button", name="Reset zoom")).to_have_count(0)


def test_a_slow_answer_to_the_zoom_before_leaves_the_present_one_fine(page: Page, server: Server) -> None:
    values = [1 / n for n in range(1, POINTS + 1)]
    task_id = int(
        post(server.url, {"taskName": "slow", "series": {"loss": {"values": values}}}).json()["taskId"]
    )
    plot = open_task(page, task_id)
    held: list[Route] = []
    page.route("**/metrics?*from=*", lambda route, _request: held.append(route), times=1)
    with page.expect_request("**/metrics?*from=*"):
        zoom(page, plot, 0.2, 0.9)
    with page.expect_response("**/metrics?*from=*"):
        zoom(page, plot, 0.4, 0.5)
    page.wait_for_function(FINE_TO, arg=[plot.element_handle(), POINTS])
    with page.expect_response("**/metrics?*from=*") as answer:
        held[0].continue_()
    answer.value.finished()
    post(server.url, {"taskName": "slow", "step": POINTS + 1, "loss": 0.0})
    page.wait_for_function(FINE_TO, arg=[plot.element_handle(), POINTS + 1])
