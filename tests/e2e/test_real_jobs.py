"""Real jobs from the form: a process of this machine, by a template of its owner."""

import re
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_jobs import figure, live, sign_in, toasts
from tests.plugins.server import Server
from tests.plugins.wire import get, post

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("jobs_end_with_their_test")]

PATIENCE_MS = 30_000
"""How long a process may take from its start to its first line: it imports much."""

BROKEN = '[templates.crooked]\ntitle = "Crooked"\n'

TYPED = f"""
[templates.typed]
title = "Every type"
argv = ['{sys.executable}', "-c", "print('loss=0.25')", "{{size}}", "{{kind}}", "{{quick}}", "--from={{source}}"]

[templates.typed.parameters]
epochs = {{ type = "int", default = 4, max = 5 }}
size = {{ type = "int", default = 7, min = 1, max = 9, help = "How large" }}
kind = {{ type = "choice", choices = ["wide", "deep"], default = "deep" }}
quick = {{ type = "bool", default = true, flag = "--quick" }}
source = {{ type = "path", optional = true }}

[templates.lacking]
title = "Lacking"
argv = ["true"]
requires = ["no_such_module_at_all"]
"""


def form(page: Page, server: Server) -> None:
    """Open the form as the owner, with a real process chosen."""
    sign_in(page, server)
    page.goto("/training/jobs/new")
    live(page)
    page.get_by_label("This machine").check()


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f'[name="{name}"]').fill(value)


def offer(server: Server, text: str) -> None:
    """Let the templates of a server be `text`, until the test ends."""
    (server.data_dir / "templates.toml").write_text(text)


@pytest.fixture(autouse=True)
def shipped_templates(server: Server) -> Iterator[None]:
    """Each test finds the templates that ship, whatever another one offered."""
    path = server.data_dir / "templates.toml"
    shipped = path.read_text()
    yield
    path.write_text(shipped)


def test_a_real_training_is_made_watched_and_stopped_from_the_page(page: Page, server: Server) -> None:
    pytest.importorskip("sklearn")
    form(page, server)
    page.get_by_label("Digits").check()
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.003")
    fill(page, name="by a person", modelName="MLP", epochs="200")
    fill(page, **{"parameters.pause": "0.02"})
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("by a person")
    expect(page.locator(".task-subtitle")).to_have_text("MLP - 200 epochs - LR 0.003")
    expect(figure(page, "Epoch")).to_have_text(re.compile(r"^[1-9]\d* / 200$"), timeout=PATIENCE_MS)
    expect(figure(page, "Steps")).to_have_text(re.compile(r"^[1-9]\d* / 4400$"))
    expect(figure(page, "Loss")).to_have_text(re.compile(r"^\d\.\d{4}$"))
    expect(figure(page, "Accuracy")).to_have_text(re.compile(r"^\d\d?\.\d%$"))
    page.get_by_role("button", name="Stop Training").click()
    expect(page.locator(".task-state .badge.is-stopped")).to_have_text("Stopped", timeout=PATIENCE_MS)
    expect(page.locator(".reason")).to_have_text("stopped by owner")
    expect(toasts(page, "Training stopped")).to_contain_text("Job was manually stopped")


def test_a_few_epochs_of_it_end_by_themselves(page: Page, server: Server) -> None:
    pytest.importorskip("sklearn")
    form(page, server)
    page.get_by_label("Digits").check()
    fill(page, name="short", modelName="MLP", epochs="2")
    fill(page, **{"parameters.pause": "0"})
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_text("Training Complete", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(figure(page, "Epoch")).to_have_text("2 / 2")
    expect(figure(page, "Steps")).to_have_text("44 / 44")


def test_what_is_wrong_with_a_parameter_stands_beside_it(page: Page, server: Server) -> None:
    offer(server, TYPED)
    form(page, server)
    expect(page.get_by_label("Every type")).to_be_checked()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("4")
    fill(page, name="typed", modelName="none", epochs="6", **{"parameters.size": "10"})
    page.get_by_label("GPU required").select_option("By its number")
    page.get_by_label("Number of the GPU").fill("first")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator("#epochs-words")).to_have_text("must be at most 5")
    expect(page.locator('[id="parameters.size-words"]')).to_have_text("must be from 1 to 9")
    expect(page.locator("#gpu-words")).to_contain_text("must be none, any or")
    expect(page.get_by_label("Size", exact=True)).to_have_value("10")
    expect(page.get_by_label("Size", exact=True)).to_have_attribute("aria-invalid", "true")


def test_the_first_gpu_has_the_number_0(page: Page, server: Server) -> None:
    offer(server, TYPED)
    form(page, server)
    fill(page, name="on the first", modelName="none")
    page.get_by_label("GPU required").select_option("By its number")
    page.get_by_label("Number of the GPU").fill("0")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("on the first")
    assert get(server.url, "/api/training/jobs").json()["jobs"][0]["job"]["options"]["gpu"] == 0
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Again with changes").click()
    expect(page.get_by_label("GPU required")).to_have_value("number")
    expect(page.get_by_label("Number of the GPU")).to_have_value("0")


def test_values_of_each_type_come_back_with_again_with_changes(page: Page, server: Server) -> None:
    offer(server, TYPED)
    form(page, server)
    fill(page, name="typed", modelName="none", **{"parameters.size": "3", "parameters.source": "/data/x"})
    page.get_by_label("Kind").select_option("wide")
    page.get_by_label("Quick").uncheck()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("typed")
    options = get(server.url, "/api/training/jobs").json()["jobs"][0]["job"]["options"]
    chosen = {"size": 3, "kind": "wide", "quick": False, "source": "/data/x"}
    assert (options["template"], options["parameters"], options["gpu"]) == ("typed", chosen, "none")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Again with changes").click()
    expect(page.get_by_label("This machine")).to_be_checked()
    expect(page.get_by_label("Every type")).to_be_checked()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("4")
    expect(page.get_by_label("Size", exact=True)).to_have_value("3")
    expect(page.get_by_label("Kind")).to_have_value("wide")
    expect(page.get_by_label("Quick")).not_to_be_checked()
    expect(page.get_by_label("Source")).to_have_value("/data/x")


def test_the_owner_sees_what_is_missing_and_what_to_mend(page: Page, server: Server) -> None:
    offer(server, TYPED + BROKEN)
    form(page, server)
    expect(page.get_by_label("Lacking")).to_be_disabled()
    expect(page.get_by_text("Needs no_such_module_at_all, which is not installed.")).to_be_visible()
    expect(page.get_by_label("What is wrong with templates.toml")).to_contain_text("crooked is left out")
    offer(server, "what is this")
    page.reload()
    page.get_by_label("This machine").check()
    expect(page.get_by_label("What is wrong with templates.toml")).to_contain_text("is no TOML")
    fill(page, name="none", modelName="none")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("is missing", exact=True)).to_be_visible()


def test_a_command_can_be_typed_where_the_owner_allows_it(page: Page, server: Server) -> None:
    offer(server, "[free]\nenabled = true\n")
    form(page, server)
    page.get_by_label("A command").check()
    fill(page, name="free", modelName="none", command=f"{sys.executable} -c 'print(\"loss=0.75\")'")
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_text("Training Complete", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(figure(page, "Loss")).to_have_text("0.7500")


def test_who_deletes_a_real_job_is_told_that_its_folder_goes_too(page: Page, server: Server) -> None:
    sign_in(page, server)
    for runner, warns in (("local", True), ("simulated", False)):
        job = {"name": runner, "modelName": "none", "epochs": 1, "runner": runner}
        options = {"template": "digits"} if warns else {}
        made = page.request.post(
            "/api/training/jobs", data={**job, **options}, headers={"origin": server.url}
        )
        page.goto(f"/training/jobs/{made.json()['id']}")
        live(page)
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name="Delete…").click()
        words = page.get_by_role("dialog").get_by_text("its work folder with every file in it")
        expect(words).to_have_count(1 if warns else 0)
        page.get_by_role("button", name="Keep").click()
    page.goto("/training/jobs")
    for runner in ("local", "simulated"):
        page.get_by_label(f"Choose {runner}", exact=True).check()
    page.get_by_role("button", name="Delete… 2").click()
    expect(page.get_by_role("dialog")).to_contain_text("the logs of real jobs, and their work folders")


def test_who_may_not_operate_is_told_to_sign_in(page: Page, server: Server) -> None:
    page.goto("/training/jobs/new")
    live(page)
    expect(page.get_by_text("to run real processes on this machine.")).to_be_visible()
    expect(page.get_by_label("This machine")).to_have_count(0)
    assert get(server.url, "/api/training/templates").status == 401
    job = {"name": "a", "modelName": "b", "epochs": 1, "runner": "local", "template": "guessed"}
    refused = post(server.url, job, "/api/training/jobs")
    assert (refused.status, "digits" in refused.body.decode()) == (401, False)


def test_the_form_of_a_real_job_is_no_wider_than_a_phone(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    offer(server, TYPED + BROKEN)
    form(page, server)
    expect(page.get_by_label("Every type")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
