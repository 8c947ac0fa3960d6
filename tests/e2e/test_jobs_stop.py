"""Jobs of every shape, stopped from the page: nothing of them is left, however they were written."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_jobs import live, row, sign_in
from tests.plugins.server import Server, serving
from tests.supervisor import shapes
from tests.supervisor.attempts import until
from trainwatch.supervisor import folder as files

pytestmark = pytest.mark.browser

DEAF = {f"deaf {shape}": job for shape, job in shapes.DEAF.items()}
POLITE = {f"polite {shape}": job for shape, job in shapes.POLITE.items()}

IN_TIME_MS = 60_000
"""A dozen jobs on a small machine: some of them fork as fast as they can until they are caught."""


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for a job of each shape, and a template for each."""
    data_dir = tmp_path_factory.mktemp("shapes") / "data"
    with serving(data_dir, environment={"TRAINWATCH_JOBS_AT_ONCE": "20"}) as server:
        (data_dir / "templates.toml").write_text(
            _templates(DEAF, grace_s=0.3) + _templates(POLITE, grace_s=30)
        )
        yield server


def _templates(shapes: Mapping[str, tuple[tuple[str, ...], int]], *, grace_s: float) -> str:
    graces = f"grace_interrupt_s = {grace_s}\ngrace_terminate_s = {grace_s}\n"
    return "".join(
        f"[templates.{_named(shape)}]\nargv = {_literal(argv)}\n{graces}"
        for shape, (argv, _) in shapes.items()
    )


def _named(shape: str) -> str:
    return shape.replace(" ", "-")


def _literal(argv: tuple[str, ...]) -> str:
    """Return the arguments as TOML writes them, in a template that has no placeholder."""
    return json.dumps(argv).replace("{", "{{").replace("}", "}}")


def run(page: Page, server: Server, shape: str, *, processes: int) -> Path:
    """Let a job of that shape run, and return its folder when so many of its processes are there."""
    job = {"name": shape, "modelName": "none", "epochs": 1, "runner": "local", "template": _named(shape)}
    headers = {"origin": server.url}
    made = page.request.post("/api/training/jobs", data=job, headers=headers).json()
    page.request.post(f"/api/training/jobs/{made['id']}/start", headers=headers)
    folder = server.data_dir / "attempts" / f"{made['id']}-1"
    until(lambda: len(_noted(folder)) >= processes, within_s=IN_TIME_MS / 1000)
    return folder


def _noted(folder: Path) -> list[str]:
    here = folder / "work" / "here"
    return here.read_text().splitlines() if here.exists() else []


def left_in(folder: Path) -> list[int]:
    """Return the processes that work in the folder: unlike its environment, that is what no shape gives up."""
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _works_in(each, folder)]


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(folder)
    except OSError:  # it has ended, or is a zombie
        return False


def test_deaf_jobs_stopped_from_the_list_leave_no_process(page: Page, server: Server) -> None:
    page.set_default_timeout(IN_TIME_MS)
    sign_in(page, server)
    folders = [run(page, server, shape, processes=count) for shape, (_, count) in DEAF.items()]
    assert all(map(left_in, folders))
    page.goto("/training/jobs")
    live(page)
    page.get_by_label("Choose all").check()
    page.get_by_role("button", name=f"Stop {len(DEAF)}").click()
    for shape in DEAF:
        expect(row(page, shape).locator(".badge")).to_have_text("Stopped", timeout=IN_TIME_MS)
    assert [left for folder in folders for left in left_in(folder)] == []


@pytest.mark.parametrize("shape", POLITE)
def test_a_polite_job_that_is_stopped_on_its_page_ends_by_sigint_alone(
    page: Page, server: Server, shape: str
) -> None:
    sign_in(page, server)
    folder = run(page, server, shape, processes=POLITE[shape][1])
    page.goto(f"/training/jobs/{folder.name.removesuffix('-1')}")
    live(page)
    page.get_by_role("button", name="Stop Training").click()
    expect(page.locator(".task-state .badge")).to_have_text("Stopped")
    assert left_in(folder) == []
    end = files.read(str(folder), files.EXIT)
    assert end is not None
    assert (end["last_stage"], end["stopped_by"]) == ("interrupting", "owner")
