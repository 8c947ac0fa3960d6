"""Some packages also live on machines of other people: they need the standard library and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BARE = ("agent", "client", "domain", "supervisor")


def modules_of(package: str) -> list[str]:
    files = sorted((ROOT / "trainwatch" / package).rglob("*.py"))
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files
    ]


@pytest.mark.parametrize("package", [name for name in BARE if (ROOT / "trainwatch" / name).is_dir()])
def test_the_package_needs_only_the_standard_library(package):
    modules = [name for name in modules_of(package) if not name.endswith("__main__")]
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + "\n".join(map("import {}".format, modules))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
