"""What a person sees: it appears, it moves, it can be told what to do, and it never needs a refresh."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post

pytestmark = pytest.mark.browser


def row(page: Page, title: str) -> Locator:
    """Return the row of the task with that title."""
    return page.locator("li.row").filter(has=page.get_by_text(title, exact=True))


def open_task(page: Page, server: Server, **report: object) -> int:
    """Report a task, open its page and return its id."""
    task_id = int(post(server.url, report).json()["taskId"])
    page.goto(f"/tasks/{task_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(report["taskName"]))
    live(page)
    return task_id


def live(page: Page) -> None:
    """Wait until the page says that it hears everything."""
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()


@pytest.fixture
def empty_server(built_page: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has reported to yet."""
    with serving(tmp_path / "data") as server:
        yield server


def test_the_first_command_a_newcomer_copies_makes_the_page_move(page: Page, empty_server: Server) -> None:
    page.goto(empty_server.url)
    command = page.locator("pre").first.text_content() or ""
    assert command.startswith(f"curl {empty_server.url}/hook -d '")
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=10)
    expect(page.locator("li.row")).to_have_count(1)


def test_a_report_appears_with_its_bar_and_epochs(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    report = {"taskName": "bars", "gpuName": "GPU-1", "progress": 0.45, "currentEpoch": 4, "totalEpochs": 10}
    post(server.url, report)
    task = row(page, "bars")
    expect(task).to_be_visible()
    expect(task.locator(".progress-bar")).to_have_attribute("style", re.compile(r"width: ?45%"))
    expect(task).to_contain_text("45%")
    expect(task).to_contain_text("4/10 Epochs")
    bar, track = task.locator(".progress-bar"), task.locator(".track")
    page.wait_for_function("(element) => element.getAnimations().length === 0", arg=bar.element_handle())
    widths = [each.evaluate("(element) => element.getBoundingClientRect().width") for each in (bar, track)]
    assert widths[0] == pytest.approx(0.45 * widths[1], abs=1)


def test_a_row_moves_with_every_report_and_without_a_reload(page: Page, server: Server) -> None:
    post(server.url, {"taskName": "mover", "progress": 0.1})
    page.goto("/")
    live(page)
    page.evaluate("window.untouched = true")
    for percentage in (20, 50, 80):
        post(server.url, {"taskName": "mover", "progress": percentage})
        expect(row(page, "mover")).to_contain_text(f"{percentage}%")
    assert page.evaluate("window.untouched")


def test_what_people_post_is_shown_as_text_and_never_run(page: Page, server: Server) -> None:
    name = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
    page.goto("/")
    live(page)
    post(server.url, {"taskName": name, "progress": 0.5, "message": name, "gpuName": name})
    post(server.url, {"title": name, "message": name})
    expect(page.locator(".toasts")).to_contain_text(name)
    expect(row(page, name)).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_a_notification_is_a_toast_once_and_stays_in_the_list(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    post(server.url, {"title": "hello there", "message": "the disk is full"})
    expect(page.locator(".toasts").get_by_text("hello there")).to_have_count(1)
    page.locator(".toasts").get_by_label("Close notification").first.click()
    expect(page.locator(".toasts").get_by_text("hello there")).to_have_count(0)
    expect(page.get_by_text("the disk is full").first).to_be_visible()


def test_a_notification_of_a_task_leads_to_it_wherever_it_is_clicked(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    post(server.url, {"taskName": "led to", "progress": 0.1})
    page.get_by_label("Notifications", exact=True).locator("li").get_by_text("led to").click()
    expect(page).to_have_url(re.compile(r"/tasks/\d+$"))


def test_never_more_than_three_toasts_stand_at_once(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    for number in range(6):
        post(server.url, {"title": f"note {number}"})
    expect(page.locator(".toasts")).to_contain_text(re.compile(r"3 more"))
    assert page.locator(".toasts").get_by_label("Close notification").count() == 3


def test_a_loss_that_is_no_number_is_said_in_words_until_it_is_one_again(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    task_id = post(server.url, {"taskName": "unstable", "loss": "NaN", "step": 1}).json()["taskId"]
    for _ in ("pushed", "fetched"):
        expect(row(page, "unstable").locator(".nonfinite")).to_have_text("loss is NaN")
        expect(row(page, "unstable").locator(".is-nonfinite")).to_have_text("NaN")
        page.reload()
    assert get(server.url, f"/api/tasks/{task_id}").json()["nonfinite"] == {"loss": "nan"}
    page.goto(f"/tasks/{task_id}")
    live(page)
    for number, sign in (("Infinity", "∞"), ("NaN", "NaN")):
        post(server.url, {"taskId": task_id, "loss": number, "step": 2})
        expect(page.locator(".task-state")).to_contain_text(f"loss is {sign}")
        expect(page.locator(".figures .is-nonfinite")).to_have_text(sign)
    post(server.url, {"taskId": task_id, "loss": 0.5, "step": 3})
    expect(page.locator(".figures")).to_contain_text("0.5000")
    expect(page.locator(".nonfinite, .is-nonfinite")).to_have_count(0)


def test_a_title_that_a_person_typed_wins_over_reports(page: Page, server: Server) -> None:
    task_id = open_task(page, server, taskName="plain name", progress=0.1)
    page.get_by_label("Rename").click()
    page.get_by_label("Title").fill("My best run")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My best run")
    post(server.url, {"taskName": "plain name", "title": "another", "progress": 0.2})
    expect(page.get_by_text("20% complete")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My best run")
    assert get(server.url, f"/api/tasks/{task_id}").json()["title"] == "My best run"


def test_stop_reaches_the_script_with_its_next_report_and_can_be_taken_back(
    page: Page, server: Server
) -> None:
    report = {"taskName": "stoppable", "progress": 0.1}
    open_task(page, server, **report)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stop requested")).to_be_visible()
    assert post(server.url, report).json()["stop"] is True
    page.locator(".stop.is-asked button").click()
    expect(page.get_by_text("Stop requested")).to_have_count(0)
    assert post(server.url, report).json()["stop"] is False


def test_tags_and_notes_are_kept(page: Page, server: Server) -> None:
    task_id = open_task(page, server, taskName="noted", progress=0.1)
    page.get_by_placeholder("Add a tag").fill("baseline")
    page.get_by_placeholder("Add a tag").press("Enter")
    expect(page.locator(".tag").get_by_text("baseline")).to_be_visible()
    page.get_by_placeholder("What is this run about?").fill("seed 7")
    page.get_by_role("heading", level=1).click()
    page.reload()
    expect(page.locator(".tag").get_by_text("baseline")).to_be_visible()
    expect(page.get_by_placeholder("What is this run about?")).to_have_value("seed 7")
    assert get(server.url, f"/api/tasks/{task_id}").json()["tags"] == ["baseline"]


def drawn(page: Page) -> int:
    """Return how many points the loss curve holds."""
    script = "(plot) => plot?.data?.reduce((most, trace) => Math.max(most, trace.x?.length ?? 0), 0) ?? 0"
    return page.locator(".js-plotly-plot").first.evaluate(script)


def test_the_loss_curve_grows_with_the_points(page: Page, server: Server) -> None:
    open_task(page, server, taskName="curve", step=1, loss=2.5)
    for step in range(2, 21):
        post(server.url, {"taskName": "curve", "step": step, "loss": 2.5 / step, "accuracy": 1 - 1 / step})
    expect(page.get_by_text("0.1250").first).to_be_visible()
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    page.wait_for_function(
        "(plot) => plot.data.some((trace) => trace.x.length === 20)", arg=plot.element_handle()
    )


def test_a_curve_that_is_watched_from_its_first_step_marks_each_step_only_while_they_are_few(
    page: Page, server: Server
) -> None:
    open_task(page, server, taskName="from the first", step=1, loss=2.5)
    post(server.url, {"taskName": "from the first", "step": 3, "loss": 2.0})
    plot = page.locator(".js-plotly-plot").first
    expect(plot.locator(".xtick")).to_have_text(["1", "2", "3"])
    post(server.url, {"taskName": "from the first", "step": 900, "loss": 1.0})
    expect(plot.locator(".xtick").get_by_text("800", exact=True)).to_be_visible()
    assert plot.locator(".xtick").count() <= 10


def test_a_zoom_survives_new_points(page: Page, server: Server) -> None:
    open_task(page, server, taskName="zoomed", series={"loss": {"values": [1 / n for n in range(1, 51)]}})
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    box = plot.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40, steps=8)
    page.mouse.up()
    read = "(plot) => plot.layout.xaxis.range"
    page.wait_for_function("(plot) => plot.layout.xaxis.range[1] < 40", arg=plot.element_handle())
    zoomed = plot.evaluate(read)
    post(server.url, {"taskName": "zoomed", "loss": 0.0123})
    expect(page.get_by_text("0.0123").first).to_be_visible()
    assert plot.evaluate(read) == pytest.approx(zoomed)


def double_click_until_gone(page: Page, x: float, y: float, sign: Locator) -> None:
    """Double click as often as a person would: Plotly counts the time that a busy page takes to hear of a click."""
    for _ in range(10):
        page.mouse.dblclick(x, y)
        with contextlib.suppress(AssertionError):
            expect(sign).to_have_count(0, timeout=1_500)
            return
    expect(sign).to_have_count(0)


def test_a_point_tells_its_step_and_four_decimals_and_a_double_click_undoes_the_zoom(
    page: Page, server: Server
) -> None:
    open_task(page, server, taskName="hovered", series={"loss": {"values": [1 / n for n in range(1, 51)]}})
    plot = page.locator(".curve .js-plotly-plot")
    box = plot.locator(".nsewdrag").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5
    page.mouse.move(x, y)
    expect(plot.locator(".hovertext").first).to_have_text(re.compile(r"Step \d+Loss 0\.\d{4}$"))
    with page.expect_response(re.compile("from=")):  # the detail, for which the plot is drawn once more
        page.mouse.down()
        page.mouse.move(x + 120, y, steps=8)
        page.mouse.up()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    double_click_until_gone(page, x, y, page.get_by_role("button", name="Reset zoom"))
    page.wait_for_function("(plot) => plot.layout.xaxis.range[1] >= 50", arg=plot.element_handle())


def test_a_failed_task_says_why_in_red(page: Page, server: Server) -> None:
    reason = "RuntimeError: " + "CUDA error: device-side assert triggered. " * 8
    open_task(page, server, taskName="broken run", progress=0.4, loss=1.0)
    post(server.url, {"taskName": "broken run", "status": "failed", "message": reason})
    expect(page.locator(".reason")).to_have_text(reason.strip())
    expect(page.locator(".ending")).to_have_text("Training Failed")
    title = page.get_by_role("heading", level=1).bounding_box()
    assert title is not None
    assert title["height"] < 50
    red = page.locator(".badge.is-failed").first.evaluate("(element) => getComputedStyle(element).color")
    for words in (".reason", ".ending"):
        assert page.locator(words).evaluate("(element) => getComputedStyle(element).color") == red


def test_a_value_that_is_no_number_is_told(page: Page, server: Server) -> None:
    open_task(page, server, taskName="diverged", step=1, loss=1.0)
    post(server.url, b'{"taskName": "diverged", "step": 2, "loss": NaN}')
    expect(page.locator(".toasts")).to_contain_text("Not a number")


def test_an_unknown_task_is_said_to_be_unknown(page: Page, server: Server) -> None:
    page.goto("/tasks/999999")
    expect(
        page.get_by_text(re.compile("no such task|not found|no task", re.IGNORECASE)).first
    ).to_be_visible()
    page.get_by_role("link", name=re.compile("tasks", re.IGNORECASE)).first.click()
    expect(page).to_have_url(f"{server.url}/")


def test_search_filter_and_sort_are_in_the_address(page: Page, server: Server) -> None:
    post(server.url, {"taskName": "needle", "progress": 0.3})
    post(server.url, {"taskName": "needle", "status": "failed", "message": "exit code 1"})
    page.goto("/")
    live(page)
    page.get_by_placeholder("Search").fill("needle")
    page.get_by_text(re.compile("^Failed")).first.click()
    expect(page).to_have_url(re.compile(r"q=needle"))
    expect(page).to_have_url(re.compile(r"status=failed"))
    expect(page.locator("li.row")).to_have_count(1)
    page.reload()
    expect(page.locator("li.row")).to_have_count(1)
    expect(page.get_by_placeholder("Search")).to_have_value("needle")


def test_what_was_found_stays_until_the_answer_to_another_filter_and_no_answer_is_told(
    page: Page, server: Server
) -> None:
    post(server.url, {"taskName": "patience", "progress": 0.3})
    page.goto("/?q=patience")
    expect(row(page, "patience")).to_be_visible()
    held: list[Route] = []
    page.route("**/api/tasks?*", lambda route, _request: held.append(route))
    with page.expect_request("**/api/tasks?*status=failed*"):
        page.get_by_role("button", name=re.compile("^Failed")).click()
    expect(row(page, "patience")).to_be_visible()
    expect(page.get_by_text("No task matches")).to_have_count(0)
    held[-1].abort()
    expect(page.get_by_text("The tasks could not be loaded")).to_be_visible()
    page.route("**/api/tasks?*", lambda route, _request: route.continue_())
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("No task matches")).to_be_visible()
    page.get_by_role("button", name=re.compile("^All")).click()
    expect(row(page, "patience")).to_be_visible()


def test_a_space_that_was_typed_last_is_not_lost_when_the_search_begins(page: Page, server: Server) -> None:
    page.goto("/")
    live(page)
    box = page.get_by_placeholder("Search")
    with page.expect_response("**/api/tasks?*q=two*"):
        box.press_sequentially("two ")
    box.press_sequentially("words")
    expect(box).to_have_value("two words")
    expect(page).to_have_url(re.compile(r"q=two\+words$"))


def test_a_search_that_was_left_unfinished_does_not_follow_to_another_page(
    page: Page, server: Server
) -> None:
    post(server.url, {"taskName": "left for", "progress": 0.3})
    page.clock.install()
    page.goto("/?q=left+for")
    live(page)
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 3_600)
    page.get_by_placeholder("Search").press_sequentially("e")
    page.locator(".row-link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("left for")
    page.clock.run_for(1_000)
    expect(page).to_have_url(re.compile(r"/tasks/\d+$"))


NO_SPACES = {"taskName": "x" * 200, "gpuName": "g" * 100, "host": "h" * 60, "message": "m" * 200}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(page: Page, server: Server, scheme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    report = {**NO_SPACES, "progress": 0.5, "metrics": {"n" * 80: 1.0, "loss": 2.0}}
    task_id = int(post(server.url, report).json()["taskId"])
    for address in ("/", f"/tasks/{task_id}"):
        page.goto(address)
        live(page)
        expect(page.get_by_text("x" * 200).first).to_be_visible()
        post(server.url, {"title": "t" * 150, "message": "w" * 300})
        expect(page.locator(".toast").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert spilling(page) == []


def spilling(page: Page) -> list[str]:
    """Return what is drawn beyond the edge of the card or line it stands in."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".card, .toast, .task-head, .header")].flatMap((box) => {
             const edge = box.getBoundingClientRect().right;
             const isCut = (each) => each !== box &&
               (getComputedStyle(each).overflowX !== "visible" || isCut(each.parentElement));
             return [...box.querySelectorAll("*")]
               .filter((each) => !each.closest("svg, .js-plotly-plot, .sr") && !isCut(each.parentElement))
               .filter((each) => each.getBoundingClientRect().right > edge + 1)
               .map((each) => `${box.className}: ${each.className}`);
           })"""
    )


@pytest.mark.parametrize("address", ["/?q=early&sort=title", "/tasks/{}"])
def test_a_page_asks_for_its_data_before_its_own_scripts_have_come(
    page: Page, server: Server, address: str
) -> None:
    task_id = post(server.url, {"taskName": "early", "step": 1, "loss": 1.0}).json()["taskId"]
    page.route("**/assets/*.js", lambda route: route.abort())
    with page.expect_request("**/api/**"):
        page.goto(address.format(task_id))


def test_a_page_does_not_ask_twice_for_what_it_asked_for_early(page: Page, server: Server) -> None:
    task_id = post(server.url, {"taskName": "once", "step": 1, "loss": 1.0}).json()["taskId"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(f"/tasks/{task_id}")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert sorted(asked) == sorted(set(asked))


def test_the_bar_says_what_the_words_beside_it_say(page: Page, server: Server) -> None:
    post(server.url, {"taskName": "steady", "progress": 0.01})
    page.goto("/")
    live(page)
    expect(row(page, "steady")).to_be_visible()
    for percentage in range(2, 95):
        post(server.url, {"taskName": "steady", "progress": f"{percentage}%"})
    task = row(page, "steady")
    expect(task).to_contain_text("94%")
    agree = """([bar, track]) => Math.abs(bar.offsetWidth / track.offsetWidth - 0.94) < 0.01"""
    parts = [task.locator(part).element_handle() for part in (".progress-bar", ".track")]
    page.wait_for_function(agree, arg=parts)
    expect(task.locator(".progress-bar")).to_have_css("transition-duration", "0.12s")


def test_rows_keep_their_places_while_they_are_reported(page: Page, server: Server) -> None:
    for name in ("place one", "place two", "place three"):
        post(server.url, {"taskName": name, "progress": 0.1})
    page.goto("/?q=place")
    live(page)
    names = page.locator(".row-link")
    expect(names).to_have_text(["place three", "place two", "place one"])
    post(server.url, {"taskName": "place one", "progress": 0.4})
    post(server.url, {"taskName": "place four", "progress": 0.1})
    expect(names).to_have_text(["place four", "place three", "place two", "place one"])


def test_late_points_make_a_page_fetch_its_curve_once_a_second_at_most(page: Page, server: Server) -> None:
    open_task(page, server, taskName="untidy", step=1000, loss=1.0)
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/metrics" in request.url else None)
    clock = "performance.now() / 1000"
    began = page.evaluate(clock)
    for step in range(60, 0, -1):
        post(server.url, {"taskName": "untidy", "step": step, "loss": 1 / step})
    page.wait_for_function(
        "(plot) => plot.data.some((trace) => trace.x.length === 61)", arg=plot.element_handle()
    )
    assert len(asked) <= 2 + page.evaluate(clock) - began


def test_a_gpu_without_news_stays_in_sight(page: Page, server: Server) -> None:
    post(server.url, {"gpuName": "Old K80", "host": "cellar", "gpu": {}})
    page.goto("/")
    card = page.get_by_label("GPU Old K80")
    expect(card).to_contain_text("no news")
    expect(card.get_by_role("heading", name="Old K80")).to_be_visible()


def test_the_sign_in_page_has_the_styles_that_it_needs(page: Page, server: Server) -> None:
    page.goto("/sign-in")
    expect(page.locator(".logo-curve")).to_have_css("stroke-width", "2.4px")
    expect(page.get_by_role("button", name="Copy")).to_have_css("border-radius", "7px")
