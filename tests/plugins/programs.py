"""Finds the programs that the tests drive, such as a browser and PostgreSQL, and installs those that are missing.

`python -m tests.plugins.programs install` takes what is there, else Playwright's download, else the
system's packages (as root).
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.plugins.proxies import find_caddy, find_nginx

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLAYWRIGHT_PLACES = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def find_chromium() -> Path | None:
    """Return a Chromium that starts, from PATH or as Playwright has downloaded it, or None."""
    return next((program for program in _chromiums() if _starts(program)), None)


def find_postgres() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest outside PATH, or None."""
    return next((folder for folder in _postgres_folders() if (folder / "postgres").exists()), None)


def use_node_from_pypi() -> None:
    """Let Playwright use the Node beside this Python: its own lacks a library on a bare Debian."""
    node = Path(sysconfig.get_path("scripts")) / "node"
    if node.exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


def _find_curl() -> Path | None:
    """The shell's way to report, in the examples."""
    found = shutil.which("curl")
    return Path(found) if found else None


def _find_systemd_analyze() -> Path | None:
    """What reads a unit as systemd does, and needs none that runs."""
    found = shutil.which("systemd-analyze")
    return Path(found) if found else None


def _chromiums() -> Iterator[Path]:
    yield from (Path(found) for name in _CHROMIUM_NAMES if (found := shutil.which(name)))
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for place in _PLAYWRIGHT_PLACES:
        yield from sorted(cache.glob(place), reverse=True)


def _postgres_folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    yield from (program.parent for program in sorted(installed, key=_major_version, reverse=True))


def _major_version(program: Path) -> float:
    try:
        return float(program.parent.parent.name)
    except ValueError:
        return 0.0


def _starts(program: Path) -> bool:
    """A download lacks the system's libraries now and then."""
    return _succeeds(str(program), "--version", quiet=True)


def _succeeds(*command: str, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode == 0
    except OSError:
        return False


def _download_chromium() -> bool:
    libraries = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    return _succeeds(sys.executable, "-m", "playwright", "install", *libraries, "chromium")


def _install_packages(*packages: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return _succeeds("apt-get", "update", "-qq") and _succeeds(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def _ensure(name: str, find: Callable[[], Path | None], *remedies: Callable[[], bool]) -> bool:
    for remedy in (None, *remedies):
        if remedy is not None:
            print(f"{name} is missing; installing it …", flush=True)
            remedy()
        if found := find():
            print(f"{name}: {found}", flush=True)
            return True
    print(f"{name} is missing and could not be installed: install it with your package manager.", flush=True)
    return False


def main() -> None:
    """Install what is missing; end with 1 if something still is."""
    use_node_from_pypi()
    ready = [
        _ensure("Chromium", find_chromium, _download_chromium, lambda: _install_packages("chromium")),
        _ensure("PostgreSQL", find_postgres, lambda: _install_packages("postgresql")),
        _ensure("curl", _find_curl, lambda: _install_packages("curl")),
        _ensure("systemd-analyze", _find_systemd_analyze, lambda: _install_packages("systemd")),
        _ensure("nginx", find_nginx, lambda: _install_packages("nginx-light")),
        _ensure("Caddy", find_caddy, lambda: _install_packages("caddy")),
    ]
    sys.exit(0 if all(ready) else 1)


if __name__ == "__main__":
    main()
