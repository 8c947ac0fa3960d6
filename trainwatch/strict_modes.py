"""Whether somebody else could change what we obey: judged as ssh judges its own files (StrictModes)."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_MOST_LINKS = 40


class Distrust(NamedTuple):
    """Why a file or folder is not to be obeyed, and what its owner can do."""

    found: str
    advice: str

    def __str__(self) -> str:
        """Both in one line."""
        return f"{self.found}: {self.advice}"


def distrust(path: Path) -> Distrust | None:
    """Return why `path` is not to be obeyed; None if only we and root can change it, or if it is not there.

    It, every folder above it, and every link on the way must belong to us or to root, and others must not
    be able to write there; in a folder above it they may if it is sticky, like /tmp. A group counts as
    others unless it is its owner's alone.
    """
    for each, facts, is_above in _way_to(path):
        if facts.st_uid not in (0, os.geteuid()):
            return _of_another(each, facts)
        if _others_may_write(facts, is_above=is_above):
            kind = "" if stat.S_ISDIR(facts.st_mode) else "the file "
            mode = stat.S_IMODE(facts.st_mode)
            who = "o" if not mode & stat.S_IWGRP else "go" if mode & stat.S_IWOTH else "g"
            return Distrust(f"{kind}{each} may be changed by others (mode {mode:o})", f"chmod {who}-w {each}")
    return None


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, that nobody else may look into; one that is there stays as it is."""
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def user_name(uid: int) -> str:
    """Return what a user is called."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _way_to(path: Path) -> Iterator[tuple[Path, os.stat_result, bool]]:
    """Yield what is passed on the way to `path`, links too, with its facts and whether it is above what counts."""
    ahead = list(path.absolute().parts)
    place = Path(ahead.pop(0))
    yield place, place.lstat(), bool(ahead)
    links = 0
    while ahead:
        here = place / ahead.pop(0)
        try:
            facts = here.lstat()
        except FileNotFoundError:
            return
        if not stat.S_ISLNK(facts.st_mode):
            place = Path(os.path.normpath(here))
            yield here, facts, bool(ahead)
            continue
        yield here, facts, True
        links += 1
        if links > _MOST_LINKS:
            return  # nobody can open it either
        target = here.readlink().parts
        if target[0] == "/":
            place, target = Path("/"), target[1:]
        ahead[:0] = target


def _others_may_write(facts: os.stat_result, *, is_above: bool) -> bool:
    if stat.S_ISLNK(facts.st_mode) or (is_above and facts.st_mode & stat.S_ISVTX):
        return False
    if facts.st_mode & stat.S_IWOTH:
        return True
    return bool(facts.st_mode & stat.S_IWGRP) and not _is_private(facts.st_gid, facts.st_uid)


def _is_private(gid: int, uid: int) -> bool:
    """Whether a group has no member but that user, as where each user has a group of its own (umask 002)."""
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(uid)
    except KeyError:
        return False
    return user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _of_another(path: Path, facts: os.stat_result) -> Distrust:
    owner, we = user_name(facts.st_uid), user_name(os.geteuid())
    what = "is a link that" if stat.S_ISLNK(facts.st_mode) else ""
    option = "-h " if what else ""
    found = f"{path} {what} belongs to {owner}, and you are {we}".replace("  ", " ")
    return Distrust(found, f"chown {option}{we} {path}, or run trainwatch as {owner}")
