"""The command is started before anything that is not needed for that is imported."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = (
    "reflex",
    "sqlalchemy",
    "pydantic",
    "starlette",
    "http.client",
    "ssl",
    "json",
    "trainwatch.domain",
    "trainwatch.cli",
)


def test_what_is_imported_before_the_command_runs_is_light():
    program = (
        f"import sys, trainwatch.companion.command; print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == []
