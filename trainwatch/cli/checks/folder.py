"""The data folder: whose it is, who can read it, what it lies on, what was left in it."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import humanize

from trainwatch.cli.browser import SIGN_IN_FILE
from trainwatch.cli.checks.finding import Finding, Mark, note, ok, problem
from trainwatch.cli.options import distrust_data
from trainwatch.console import FILE as SOCKET_FILE
from trainwatch.settings import Settings
from trainwatch.store.damage import PARTIAL
from trainwatch.store.schema import BACKUPS_KEPT
from trainwatch.strict_modes import user_name

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "cifs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)
"""Where SQLite's write-ahead log, which several processes map into memory, is promised by nobody."""

_ANOTHER = "name another folder with --data-dir"
_LITTLE_BYTES = 1 << 30
_TOO_LITTLE_BYTES = 100 << 20
_MOUNTS = Path("/proc/self/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def check_folder(settings: Settings, *, is_serving: bool) -> Iterator[Finding]:
    """Yield what is to be said of the data folder."""
    folder = settings.data_dir
    place = _check_place(folder)
    yield place
    if place.mark is Mark.PROBLEM or not folder.exists():
        return
    yield _check_privacy(settings)
    yield _check_space(folder)
    if _MOUNTS.exists() and settings.database is None:
        yield about_file_system(file_system_of(folder.resolve(), _MOUNTS.read_text()))
    yield from _check_leftovers(folder, is_serving=is_serving)


def file_system_of(path: Path, mounts: str) -> str | None:
    """Return the kind of file system that `path` is on, from the text of /proc/mounts; None if that does not say."""
    longest, kind = -1, None
    for line in mounts.splitlines():
        _, place, this_kind, *_ = line.split()
        place = _OCTAL.sub(lambda match: chr(int(match[1], 8)), place)
        if path.is_relative_to(place) and len(place) >= longest:  # the last one mounted lies on top
            longest, kind = len(place), this_kind
    return kind


def about_file_system(kind: str | None) -> Finding:
    """Return what is to be said of a file system of that kind."""
    if kind in NETWORK_FILE_SYSTEMS:
        return problem(
            "file system",
            f"{kind}: over a network, where SQLite may lose data",
            "name a folder on a local disk with --data-dir, or use PostgreSQL",
        )
    return ok("file system", kind or "unknown")


def _check_place(folder: Path) -> Finding:
    try:
        facts = folder.stat()
    except FileNotFoundError:
        return _check_absent(folder)
    except OSError as error:
        return problem("data folder", f"{folder}: {error.strerror}", _ANOTHER)
    if not stat.S_ISDIR(facts.st_mode):
        return problem("data folder", f"{folder} is no folder", _ANOTHER)
    owner, we = user_name(facts.st_uid), user_name(os.geteuid())
    if owner != we:
        found = f"{folder} belongs to {owner}, and you are {we}"
        return problem("data folder", found, f"run trainwatch as {owner}, or {_ANOTHER}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        found = f"{folder} cannot be read and written"
        return problem("data folder", found, f"chmod u+rwx {folder}, unless it is on a read-only disk")
    return ok("data folder", str(folder))


def _check_absent(folder: Path) -> Finding:
    parent = next(each for each in folder.parents if each.exists())
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        return ok("data folder", f"{folder} is not there yet; the first start makes it")
    found = f"{folder} is not there, and {parent} is not yours to make it in"
    return problem("data folder", found, _ANOTHER)


def _check_privacy(settings: Settings) -> Finding:
    if (why := distrust_data(settings)) is not None:
        return problem("privacy", why.found, why.advice)
    folder = settings.data_dir
    mode = stat.S_IMODE(folder.stat().st_mode)
    advice = f"chmod 700 {folder}"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return note("privacy", f"others on this machine may look into it (mode {mode:o})", advice)
    return ok("privacy", f"for its owner alone (mode {mode:o})")


def _check_space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{humanize.naturalsize(free)} free"
    if free < _TOO_LITTLE_BYTES:
        return problem("space", found, "free some: a report that cannot be written is refused")
    if free < _LITTLE_BYTES:
        return note("space", found, "keep an eye on it; tasks can be deleted on their pages")
    return ok("space", found)


def _check_leftovers(folder: Path, *, is_serving: bool) -> Iterator[Finding]:
    names = {path.name: path for path in folder.iterdir()}
    dead = [name for name in (SOCKET_FILE, SIGN_IN_FILE) if name in names and not is_serving]
    partial = [name for name in names if name.endswith(PARTIAL)]
    if left := [*dead, *partial]:
        remove = "rm -r" if any(names[name].is_dir() for name in left) else "rm"
        yield note(
            "leftovers",
            f"{', '.join(left)}, of a command that was killed",
            f"{remove} {' '.join(str(names[name]) for name in left)}",
        )
    backups = [path for name, path in names.items() if ".backup-" in name and not name.endswith(PARTIAL)]
    size = humanize.naturalsize(sum(path.stat().st_size for path in backups))
    if len(backups) > BACKUPS_KEPT:
        yield note(
            "backups", f"{len(backups)}, together {size}", f"remove what you do not need from {folder}"
        )
    elif backups:
        yield ok("backups", f"{len(backups)}, together {size}")
