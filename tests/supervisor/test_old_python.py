"""The training agent takes the supervisor to machines with Python 3.10."""

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import trainwatch.supervisor

PACKAGE = Path(trainwatch.supervisor.__file__).parent
ROOT = PACKAGE.parents[1]

PROGRAM = """
import sys, tempfile, time
from trainwatch.supervisor.attempt import Handle, adopt
from trainwatch.supervisor.launch import launch
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.spec import LaunchSpec, new_marker
from trainwatch.supervisor.stop import request_stop

with tempfile.TemporaryDirectory() as home:
    launch(home + "/a", LaunchSpec(("sleep", "600"), "/", new_marker(), grace_interrupt_s=1))
    request_stop(home + "/a", "ada", at=1.0)
    while isinstance(found := adopt(home + "/a"), Handle):
        time.sleep(0.01)
    print(reason(found.exit))
"""


def _python_310() -> str | None:
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [*map(str, versions.glob("3.10.*/bin/python")), shutil.which("python3.10")]
    return next((one for one in found if one), None)


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_it_is_written_in_the_language_of_python_310(path):
    ast.parse(path.read_text(), feature_version=(3, 10))


@pytest.mark.skipif(_python_310() is None, reason="there is no Python 3.10 on this machine")
def test_it_works_with_python_310():
    python = _python_310()
    assert python
    done = subprocess.run(
        [python, "-c", PROGRAM], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.stdout == "stopped by ada\n", done.stderr
