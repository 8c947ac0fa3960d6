"""Starting is quick and small because little is imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
