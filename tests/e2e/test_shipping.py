"""What `pip install .` makes carries all it needs, and nothing else."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.plugins.server import Server, serving
from trainwatch.ui.site_build import build_if_stale

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.shipping


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, cwd=ROOT)


@pytest.fixture(scope="module")
def wheel(built_page, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), ".")
    return next(folder.glob("trainwatch-*.whl"))


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


@pytest.fixture(scope="module")
def server_of_the_wheel(installed, tmp_path_factory) -> Iterator[Server]:
    without_node = {"PATH": "/nonexistent", "PYTHONPATH": str(installed)}
    with serving(tmp_path_factory.mktemp("shipped") / "data", environment=without_node) as server:
        yield server


def test_the_wheel_carries_the_built_page(names):
    assert {
        "trainwatch/_site/csp.json",
        "trainwatch/_site/rxconfig.py",
        "trainwatch/_site/web/routes.json",
        "trainwatch/_site/web/backend/stateful_pages.json",
        "trainwatch/_site/web/build/client/index.html",
    } <= names


def test_the_wheel_carries_every_migration(names):
    migrations = {path.name for path in (ROOT / "alembic" / "versions").glob("*.py")}
    assert {f"trainwatch/_migrations/versions/{name}" for name in migrations} <= names
    assert "trainwatch/_migrations/env.py" in names


def test_the_wheel_carries_the_templates_and_their_scripts(names):
    examples = {path.name for path in (ROOT / "examples").iterdir() if path.is_file()}
    assert {"templates.toml", "plain_digits.py", "plain_torch.py"} <= examples
    assert {f"trainwatch/_examples/{name}" for name in examples} <= names


def test_the_wheel_carries_nothing_else(names):
    assert {name.split("/")[0].split("-")[0] for name in names} == {"trainwatch"}
    assert not [name for name in names if "__pycache__" in name or "node_modules" in name]


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size < 8_000_000


def test_the_page_knows_no_address_of_its_own(installed):
    client = installed / "trainwatch" / "_site" / "web" / "build" / "client"
    scripts = [script.read_text("utf-8") for script in (client / "assets").glob("*.js")]
    assert [script for script in scripts if "location.origin.slice(4)" in script]
    assert not [script for script in scripts if "localhost:62222" in script]


def test_an_installed_wheel_serves_the_page_without_node_from_any_folder(
    server_of_the_wheel: Server, browser: Browser
):
    context = browser.new_context(base_url=server_of_the_wheel.url)
    page = context.new_page()
    with page.expect_websocket(lambda socket: "/_event" in socket.url) as socket:
        page.goto("/")
    assert socket.value.wait_for_event("framereceived") is not None
    context.close()


def test_serving_writes_only_into_the_data_directory(server_of_the_wheel: Server, installed):
    assert not list(installed.rglob(".states"))
    assert not (server_of_the_wheel.data_dir / ".states").exists()
    assert not (server_of_the_wheel.data_dir / ".web").exists()


def test_building_twice_builds_once(built_page):
    """So the build leaves reflex.lock as it is committed."""
    assert build_if_stale(ROOT) is False
