"""Starting is quick and small because little is imported."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.server import free_port

IMPORT_EVERYTHING = """
import json, sys
from trainwatch.ui.site import serving_site
import trainwatch.cli
with serving_site():
    import trainwatch.server, trainwatch.trainwatch
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def imported(built_page):
    """The modules of a server that is about to answer."""
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING], capture_output=True, text=True, check=True, cwd=root
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("heavy", ["alembic", "granian", "numpy", "pandas", "plotly", "psycopg"])
def test_what_is_heavy_waits_until_it_is_needed(imported, heavy):
    assert heavy not in imported


def test_the_command_line_answers_help_without_the_framework():
    program = "import sys, trainwatch.cli; print('reflex' in sys.modules, 'sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


IN_A_FOLDER_THAT_IS_GONE = 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"'


def test_a_server_starts_where_the_current_folder_was_deleted(built_page, tmp_path):
    serve = [sys.executable, "-m", "trainwatch", "serve", "--no-browser", "--port", str(free_port())]
    shell = ["sh", "-c", IN_A_FOLDER_THAT_IS_GONE, "sh", tmp_path / "gone", *serve]
    with subprocess.Popen(
        [*shell, "--data-dir", tmp_path / "data"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout
        told = [
            line for line in iter(server.stdout.readline, "") if "sign in" not in line or server.terminate()
        ]
    assert server.returncode == 0, told
    assert any(line.startswith("TrainWatch ") for line in told)


def serve(folder: Path, *options: str, terminal: int | None = None) -> "subprocess.Popen[str]":
    """Start a server whose standard error is a pipe, and whose standard output is one too or a `terminal`."""
    command = [
        sys.executable,
        "-m",
        "trainwatch",
        "serve",
        "--no-browser",
        "--port",
        str(free_port()),
        *options,
    ]
    return subprocess.Popen(
        [*command, "--data-dir", folder],
        stdin=subprocess.DEVNULL,
        stdout=terminal or subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_lines(server: "subprocess.Popen[str]") -> str:
    """Return what a server prints up to how to sign in."""
    assert server.stdout
    told = ""
    while "sign in" not in told:
        line = server.stdout.readline()
        assert line, server.communicate()
        told += line
    return told


@pytest.mark.usefixtures("built_page")
@pytest.mark.parametrize("environment", [{}, {"TRAINWATCH_PRINT_LINK": "false"}])
def test_what_goes_to_a_journal_has_the_log_and_no_link(tmp_path, monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    data = tmp_path / "data"
    with serve(data) as server:
        printed = first_lines(server)
        server.terminate()
        rest, log = server.communicate(timeout=30)
    assert f"  sign in  trainwatch login-link --data-dir {data}\n" in printed
    assert "#" not in printed + rest + log
    assert "database_created" in log
    assert "database_created" not in printed + rest


@pytest.mark.usefixtures("built_page")
def test_the_link_is_printed_where_it_is_asked_for(tmp_path):
    with serve(tmp_path / "data", "--link") as server:
        assert "/sign-in#" in first_lines(server)
        server.terminate()


@pytest.mark.usefixtures("built_page")
@pytest.mark.parametrize(("options", "is_shown"), [((), True), (("--no-link",), False)])
def test_a_terminal_is_shown_the_link_unless_it_must_not(tmp_path, options, is_shown):
    ours, theirs = pty.openpty()
    with serve(tmp_path / "data", *options, terminal=theirs) as server, os.fdopen(ours, "rb", 0) as terminal:
        os.close(theirs)
        told = ""
        while "sign in" not in told or not told.endswith("\n"):
            told += terminal.read(1024).decode()
        server.terminate()
    assert ("/sign-in#" in told) is is_shown


@pytest.mark.usefixtures("built_page")
def test_behind_a_proxy_people_are_sent_to_its_address(tmp_path):
    data = tmp_path / "data"
    command = [sys.executable, "-m", "trainwatch"]
    subprocess.run([*command, "migrate", "--data-dir", data], check=True)
    key = [*command, "key", "create", "--scope", "read", "--label", "x", "--data-dir", data]
    subprocess.run(key, check=True, capture_output=True)
    with serve(data, "--link", "--public-url", "https://lab.example") as server:
        printed = first_lines(server)
        link = subprocess.run(
            [*command, "login-link", "--data-dir", data], check=True, capture_output=True, text=True
        )
        server.terminate()
    assert "  page     https://lab.example/\n" in printed
    assert "  sign in  https://lab.example/sign-in#" in printed
    assert link.stdout.startswith("https://lab.example/sign-in#")
