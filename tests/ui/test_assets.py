"""The browser's own arithmetic, run by Node."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("script", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.stem)
def test_the_local_components_reckon_right(script: Path) -> None:
    node = shutil.which("node", path=sysconfig.get_path("scripts")) or shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    done = subprocess.run([node, "--test", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
