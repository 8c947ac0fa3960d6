"""Starting is quick and small because little is imported."""

import json
import os
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
