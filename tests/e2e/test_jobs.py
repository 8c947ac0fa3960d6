"""Jobs as a person meets them: made, started, watched, stopped, and a demo for who has none."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("jobs_end_with_their_test")]

QUICK: dict[str, Any] = {"epochs": 2, "stepsPerEpoch": 20, "speed": 60}
LONG: dict[str, Any] = {"epochs": 100, "stepsPerEpoch": 100, "speed": 20}


def make(server: Server, name: str, *, start: bool = False, **facts: Any) -> int:
    """Make a simulated job by the API and return its id."""
    job = {"name": name, "modelName": "resnet50", "epochs": 10, **facts}
    job_id = int(post(server.url, job, "/api/training/jobs").json()["id"])
    if start:
        assert post(server.url, {}, f"/api/training/jobs/{job_id}/start").status == 200
    return job_id


def live(page: Page) -> None:
    """Wait until the page says that it hears everything."""
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()


def monitor(page: Page, job_id: int) -> Page:
    """Open the page of a job."""
    page.goto(f"/training/jobs/{job_id}")
    live(page)
    return page


def figure(page: Page, name: str) -> Locator:
    """Return a number of the grid."""
    return page.locator(".figures > div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def row(page: Page, name: str) -> Locator:
    """Return the row of the job of that name."""
    return page.locator("li.job-row").filter(has=page.get_by_text(name, exact=True))


def toasts(page: Page, title: str) -> Locator:
    """Return the toasts of that title."""
    return page.locator(".toast").filter(has=page.get_by_text(title, exact=True))


def sign_in(page: Page, server: Server) -> None:
    """Sign in as the owner by a fresh link."""
    command = [sys.executable, "-m", "trainwatch", "login-link", "--data-dir", str(server.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    page.goto(done.stdout.split()[-1])
    expect(page.get_by_role("button", name="Account of owner")).to_be_visible()


@pytest.fixture
def empty_server(built_page: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that has no task yet."""
    with serving(tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize("path", ["/", "/training/jobs"])
def test_a_demo_is_one_click_to_start_and_one_to_be_rid_of(
    page: Page, empty_server: Server, path: str
) -> None:
    page.goto(empty_server.url + path)
    live(page)
    page.get_by_role("button", name="Start a demo").click()
    expect(toasts(page, "Training started")).to_have_count(3)
    expect(page.locator("li.row")).to_have_count(3)
    first = get(empty_server.url, "/api/training/jobs").json()["jobs"][-1]["id"]
    post(empty_server.url, {}, f"/api/training/jobs/{first}/stop")
    expect(toasts(page, "Training stopped").or_(page.get_by_text("1 more"))).to_be_visible()
    expect(page.get_by_text("3 jobs are a demo")).to_be_visible()
    page.get_by_role("button", name="Remove demo").click()
    expect(page.get_by_role("button", name="Start a demo")).to_be_visible()
    expect(page.get_by_text("are a demo")).to_have_count(0)
    assert get(empty_server.url, "/api/training/jobs").json()["jobs"] == []
    notes = get(empty_server.url, "/api/tasks").json()["notifications"]
    assert [note["title"] for note in notes].count("Training stopped") == 1


def test_what_is_wrong_stands_beside_each_field_and_what_was_typed_stays(page: Page, server: Server) -> None:
    page.goto("/training/jobs")
    page.get_by_role("link", name="New job").first.click()
    expect(page).to_have_url(re.compile("/training/jobs/new$"))
    page.get_by_label("Epochs").fill("lots")
    page.get_by_label("Learning rate").fill("-1")
    page.get_by_text("Options", exact=True).click()
    page.get_by_label("Speed").fill("1000")
    page.get_by_text("Options", exact=True).click()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("#name-words")).to_have_text("is missing")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.locator("#epochs-words")).to_have_text("must be a whole number from 1 to 100000")
    expect(page.locator("#learningRate-words")).to_have_text("must be above 0")
    expect(page.get_by_label("Epochs")).to_have_value("lots")
    expect(page.get_by_label("Epochs")).to_have_attribute("aria-invalid", "true")
    for label, value in {"Name": "by hand", "Model": "vit", "Epochs": "3", "Learning rate": "1e-4"}.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_label("Speed")).to_be_focused()
    expect(page.locator("#speed-words")).to_be_visible()
    page.get_by_label("Speed").fill("50")
    page.get_by_label("Speed").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("by hand")
    expect(page.locator(".task-subtitle")).to_have_text("vit - 3 epochs - LR 0.0001")
    page.go_back()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    expect(row(page, "by hand")).to_have_count(1)


def test_a_job_is_watched_from_its_start_to_its_end(page: Page, server: Server) -> None:
    monitor(page, make(server, "watched", **QUICK))
    expect(page.locator(".task-subtitle")).to_have_text("resnet50 - 2 epochs - LR 0.001")
    expect(page.locator(".task-state .badge")).to_have_text("Queued")
    expect(page.get_by_text("0% complete")).to_be_visible()
    expect(figure(page, "Epoch")).to_have_text("-- / 2")
    expect(figure(page, "Loss")).to_have_text("--")
    expect(figure(page, "Accuracy")).to_have_text("--")
    expect(page.get_by_text("Waiting for training data...").first).to_be_visible()
    page.get_by_role("button", name="Start Training").click()
    expect(page.get_by_text("Training Complete", exact=True)).to_be_visible()
    expect(page.locator(".task-state .badge.is-complete")).to_have_text("Complete")
    expect(page.get_by_text("100% complete")).to_be_visible()
    expect(figure(page, "Epoch")).to_have_text("2 / 2")
    expect(figure(page, "Steps")).to_have_text("40 / 40")
    expect(figure(page, "Loss")).to_have_text(re.compile(r"^0\.\d{4}$"))
    expect(figure(page, "Accuracy")).to_have_text(re.compile(r"^\d\d\.\d%$"))
    expect(page.get_by_role("button", name=re.compile("^(Start|Stop) Training$"))).to_have_count(0)
    assert get(server.url, "/api/training/jobs").json()["jobs"][0]["status"] == "complete"


def test_a_running_job_says_how_far_it_is_and_is_stopped(page: Page, server: Server) -> None:
    monitor(page, make(server, "stopped", start=True, **LONG))
    expect(page.get_by_text(re.compile(r"^ETA: \d+m( \d+s)?$"))).to_be_visible()
    expect(figure(page, "Epoch")).to_have_text(re.compile(r"^[1-9]\d* / 100$"))
    expect(figure(page, "Steps")).to_have_text(re.compile(r"^[1-9]\d* / 10000$"))
    page.get_by_role("button", name="Stop Training").click()
    expect(page.locator(".task-state .badge.is-stopped")).to_have_text("Stopped")
    expect(toasts(page, "Training stopped")).to_contain_text("Job was manually stopped")
    expect(page.get_by_role("button", name="Stop Training")).to_have_count(0)


def test_a_job_that_fails_says_why(page: Page, server: Server) -> None:
    monitor(page, make(server, "failing", failAt=15, **QUICK))
    page.get_by_role("button", name="Start Training").click()
    expect(page.get_by_text("Training Failed", exact=True).first).to_be_visible()
    expect(page.locator(".task-state .badge.is-failed")).to_have_text("Failed")
    expect(page.locator(".reason")).to_have_text("simulated failure at step 15")
    expect(toasts(page, "Training Failed")).to_contain_text("simulated failure at step 15")
    expect(figure(page, "Steps")).to_have_text("15 / 40")


def test_a_curve_that_will_never_come_is_not_waited_for(page: Page, server: Server) -> None:
    task = post(server.url, {"taskName": "no curve", "status": "failed"}).json()["taskId"]
    page.goto(f"/tasks/{task}")
    expect(page.get_by_text("Training Failed", exact=True).first).to_be_visible()
    expect(page.get_by_text("No training data", exact=True)).to_be_visible()
    expect(page.get_by_text("Waiting for training data...")).to_have_count(0)


KEEP_TOASTS = """
    window.kept = [];
    const titles = (node) => node.querySelectorAll?.(".toast .notice-title") ?? [];
    const keep = ({ addedNodes }) => addedNodes.forEach((node) => titles(node).forEach((each) => kept.push(each.innerText)));
    new MutationObserver((changes) => changes.forEach(keep)).observe(document, { childList: true, subtree: true });
"""
"""Keeps the titles of all toasts, for one may be gone before a slow machine looks."""


def test_each_toast_comes_once_to_every_open_page(
    context: BrowserContext, page: Page, server: Server
) -> None:
    job = make(server, "told to all", **QUICK)
    context.add_init_script(KEEP_TOASTS)
    elsewhere = {"/": context.new_page(), "/settings": context.new_page(), "/training/jobs": page}
    for path, each in elsewhere.items():
        each.goto(path)
        live(each)
    post(server.url, {}, f"/api/training/jobs/{job}/start")
    expect(toasts(page, "Training Complete!")).to_contain_text("told to all finished successfully")
    for each in elsewhere.values():
        each.wait_for_function("kept.includes('Training Complete!')")
        assert each.evaluate("kept") == ["Training started", "Training Complete!"]


def test_a_zoom_survives_new_points_and_other_attempts(page: Page, server: Server) -> None:
    job = make(server, "zoomed", start=True, **QUICK)
    monitor(page, job)
    expect(page.get_by_text("Training Complete", exact=True)).to_be_visible()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Restart").click()
    expect(page.get_by_text("attempt 2", exact=True)).to_be_visible()
    expect(page.get_by_text("Training Complete", exact=True)).to_be_visible()
    canvas = page.locator(".curve .plot-canvas")
    page.wait_for_function("() => document.querySelector('.curve .plot-canvas').data?.[1].x.length === 40")
    edges = page.locator(".curve .nsewdrag").bounding_box()
    assert edges is not None
    for act, share in ((page.mouse.down, 0.3), (page.mouse.up, 0.7)):
        page.mouse.move(edges["x"] + edges["width"] * share, edges["y"] + edges["height"] / 2, steps=5)
        act()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    before = canvas.evaluate("(it) => it.layout.xaxis.range")
    page.get_by_label("Lay the curve of attempt 1 over the current one").check()
    page.wait_for_function("() => document.querySelector('.curve .plot-canvas').data.length === 4")
    assert canvas.evaluate("(it) => it.layout.xaxis.range") == before
    page.get_by_label("Lay the curve of attempt 1 over the current one").uncheck()
    page.wait_for_function("() => document.querySelector('.curve .plot-canvas').data.length === 3")
    assert canvas.evaluate("(it) => it.layout.xaxis.range") == before


def test_again_with_changes_fills_the_form_in(page: Page, server: Server) -> None:
    job = make(server, "first try", learningRate=0.02, seed=7, failAt=3)
    monitor(page, job)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Again with changes").click()
    expect(page).to_have_url(re.compile(rf"/training/jobs/new\?from={job}$"))
    values = {"Name": "first try", "Model": "resnet50", "Learning rate": "0.02", "Seed": "7"}
    for label, value in values.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    page.get_by_label("Name", exact=True).fill("second try")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("second try")
    expect(page.get_by_role("button", name="Start Training")).to_be_visible()
    made = get(server.url, "/api/training/jobs").json()["jobs"][0]["job"]
    assert (made["name"], made["learningRate"], made["options"]["seed"]) == ("second try", 0.02, 7)


def test_several_jobs_are_started_and_stopped_together(page: Page, server: Server) -> None:
    for name in ("one", "two", "three"):
        make(server, name, **LONG)
    page.goto("/training/jobs")
    live(page)
    for name in ("one", "two"):
        page.get_by_label(f"Choose {name}").focus()
        page.keyboard.press("Space")
    bar = page.get_by_role("toolbar", name="Chosen jobs")
    expect(bar.get_by_role("status")).to_have_text("2 chosen")
    bar.get_by_role("button", name="Start 2").click()
    for name in ("one", "two"):
        expect(row(page, name).locator(".badge")).to_have_text("Running")
    expect(row(page, "three").locator(".badge")).to_have_text("Queued")
    expect(bar.get_by_role("button", name="Start 0")).to_be_disabled()
    expect(bar.get_by_role("button", name="Delete")).to_have_count(0)
    bar.get_by_role("button", name="Stop 2").click()
    for name in ("one", "two"):
        expect(row(page, name).locator(".badge")).to_have_text("Stopped")
    row(page, "three").get_by_role("button", name="Start: three").click()
    expect(row(page, "three").locator(".badge")).to_have_text("Running")
    row(page, "three").get_by_role("button", name="Stop: three").click()
    expect(row(page, "three").locator(".badge")).to_have_text("Stopped")


def test_an_operator_deletes_several_and_those_that_run_stay(page: Page, server: Server) -> None:
    sign_in(page, server)
    make(server, "goes")
    running = make(server, "stays", start=True, **LONG)
    page.goto("/training/jobs")
    expect(row(page, "stays").locator(".badge")).to_have_text("Running")
    for name in ("goes", "stays"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Delete… 1").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Delete 1 job?")
    expect(question).to_contain_text("One that is chosen runs: it stays.")
    question.get_by_role("button", name="Delete").click()
    expect(row(page, "goes")).to_have_count(0)
    expect(row(page, "stays")).to_have_count(1)
    monitor(page, running)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete…").click()
    expect(page.get_by_role("dialog")).to_contain_text("It runs. Stop it first.")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Stop Training").click()
    expect(page.locator(".task-state .badge")).to_have_text("Stopped")


def test_the_list_shows_jobs_alone_and_moves_with_them(page: Page, server: Server) -> None:
    post(server.url, {"taskName": "no job at all", "progress": 0.2})
    page.goto("/training/jobs")
    live(page)
    job = make(server, "comes by itself", epochs=100, stepsPerEpoch=20, speed=20)
    expect(row(page, "comes by itself")).to_contain_text("resnet50 · simulated")
    expect(row(page, "comes by itself")).to_contain_text("0%")
    post(server.url, {}, f"/api/training/jobs/{job}/start")
    expect(row(page, "comes by itself")).to_contain_text(re.compile(r"[1-9]\d*/100 Epochs"))
    expect(row(page, "comes by itself")).to_contain_text(re.compile(r"ETA: \d+ min"))
    expect(row(page, "comes by itself").locator(".row-percent")).to_have_text(re.compile(r"^[1-9]\d*%$"))
    post(server.url, {"taskName": "no job at all", "progress": 0.3})
    expect(page.get_by_text("no job at all")).to_have_count(0)
    page.get_by_role("navigation").get_by_role("link", name="Tasks").click()
    expect(page.get_by_role("link", name="no job at all")).to_be_visible()
    expect(page.get_by_role("link", name="Tasks")).to_have_attribute("aria-current", "true")
    page.get_by_role("navigation").get_by_role("link", name="Jobs").click()
    expect(row(page, "comes by itself")).to_be_visible()
    expect(page.get_by_text("no job at all")).to_have_count(0)
    post(server.url, {}, f"/api/training/jobs/{job}/stop")


def test_jobs_that_go_while_more_are_fetched_break_nothing_and_no_fetch_undoes_another(
    page: Page, empty_server: Server
) -> None:
    page.set_viewport_size({"width": 1000, "height": 800})
    sign_in(page, empty_server)
    made = [make(empty_server, f"one of many {number}") for number in range(30)]
    page.goto(f"{empty_server.url}/training/jobs")
    live(page)
    rows = page.locator("li.job-row")
    expect(rows).to_have_count(25)
    held: list[Route] = []
    page.route("**/api/training/jobs?*", lambda route, _request: held.append(route))

    def delete(number: int) -> None:
        address = f"{empty_server.url}/api/tasks/{made[number]}"
        assert page.request.delete(address, headers={"origin": empty_server.url}).ok
        expect(row(page, f"one of many {number}")).to_have_count(0)

    with page.expect_request("**/api/training/jobs?*"):
        delete(28)
    with page.expect_request("**/api/training/jobs?*"):
        page.get_by_role("button", name="Show more").click()
    delete(27)
    page.route("**/api/training/jobs?*", lambda route, _request: route.continue_())
    for each in held:
        each.continue_()
    expect(rows).to_have_count(28)


def test_what_is_no_job_is_not_found_among_the_jobs(page: Page, server: Server) -> None:
    task = int(post(server.url, {"taskName": "reported", "progress": 0.2}).json()["taskId"])
    for address in ("/training/jobs/999999", f"/training/jobs/{task}", "/training/jobs/one"):
        page.goto(address)
        expect(page.get_by_text("There is no job with this id.")).to_be_visible()
    page.get_by_role("link", name="See all jobs").click()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()


def test_a_job_can_be_started_on_its_page_among_the_tasks_and_a_reported_task_cannot(
    page: Page, server: Server
) -> None:
    task = int(post(server.url, {"taskName": "reported", "progress": 0.2}).json()["taskId"])
    page.goto(f"/tasks/{task}")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Training$"))).to_have_count(0)
    page.goto(f"/tasks/{make(server, 'on both pages')}")
    expect(page.get_by_role("button", name="Start Training")).to_be_visible()
    expect(page.get_by_role("link", name="All tasks")).to_be_visible()


DEAF = """
import signal, time
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, signal.SIG_IGN)
print("loss=0.5", flush=True)
time.sleep(600)
"""


def test_who_stops_a_deaf_process_sees_each_stage_and_need_not_wait(page: Page, server: Server) -> None:
    patient = "grace_interrupt_s = 55\ngrace_terminate_s = 55\n"
    (server.data_dir / "templates.toml").write_text(f"[free]\nenabled = true\n{patient}")
    sign_in(page, server)
    job = {"name": "deaf", "modelName": "none", "epochs": 1, "runner": "local"}
    made = page.request.post(
        "/api/training/jobs",
        data={**job, "command": [sys.executable, "-c", DEAF]},
        headers={"origin": server.url},
    )
    monitor(page, made.json()["id"])
    page.get_by_role("button", name="Start Training").click()
    expect(figure(page, "Loss")).to_have_text("0.5000")
    page.get_by_role("button", name="Stop Training").click()
    stage = page.locator(".stage")
    expect(stage).to_contain_text("Asked to stop (SIGINT)")
    expect(stage).to_contain_text(re.compile(r"SIGTERM in \d+s"))
    stage.get_by_role("button", name="Do not wait").click()
    expect(stage).to_contain_text("Told to end (SIGTERM)")
    stage.get_by_role("button", name="Do not wait").click()
    expect(page.locator(".task-state .badge")).to_have_text("Stopped")
    expect(toasts(page, "Training stopped")).to_contain_text("Job was manually stopped")


def test_nothing_is_wider_than_a_phone(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    job = make(server, "narrow " + "x" * 150, start=True, modelName="m" * 150, **LONG)
    for path in ("/", "/training/jobs", "/training/jobs/new", f"/training/jobs/{job}"):
        page.goto(path)
        live(page)
        expect(page.get_by_role("navigation").get_by_role("link", name="Jobs")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.goto("/training/jobs")
    page.get_by_label("Choose all").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name=re.compile("^Stop [1-9]")).click()
    expect(row(page, "narrow " + "x" * 150).locator(".badge")).to_have_text("Stopped")
