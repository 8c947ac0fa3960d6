"""How systemd ends the server, if it is a service: whether the jobs that run are ended with it."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainwatch.cli.checks.finding import Finding, note, ok
from trainwatch.settings import Settings
from trainwatch.store.lock import owner_of

_PATIENCE_S = 5.0
_LETS_JOBS_LIVE = frozenset({"process", "none"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A service of the system, or of a user's own systemd."""

    name: str
    is_users: bool


def check_service(settings: Settings) -> Iterator[Finding]:
    """Yield what is to be said of the unit that the server on this data runs in; nothing where it is none."""
    pid = owner_of(settings.data_dir)
    unit = None if pid is None else unit_in(_groups_of(pid))
    mode = None if unit is None else _kill_mode(unit)
    if unit is None or mode is None:
        return
    if mode in _LETS_JOBS_LIVE:
        yield ok("service", f"{unit.name}, and jobs live through its restart (KillMode={mode})")
    else:
        yield note(
            "service",
            f"{unit.name} has KillMode={mode}: a restart of it ends the jobs that run",
            f"write KillMode=process into its [Service] section: systemctl edit {unit.name}",
        )


def unit_in(groups: str) -> Unit | None:
    """Return the service that `groups`, the text of /proc/PID/cgroup, names; None if there is none."""
    for line in groups.splitlines():
        _, _, path = line.split(":", 2)
        name = path.rpartition("/")[2]
        if name.endswith(".service") and not name.startswith("user@"):
            return Unit(name, is_users="/user@" in path)
    return None


def _groups_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:  # it has just ended, or there is no such folder on this machine
        return ""


def _kill_mode(unit: Unit) -> str | None:
    whose = ["--user"] if unit.is_users else []
    command = ["systemctl", *whose, "show", "--property=KillMode", "--value", unit.name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)  # noqa: S603 - no shell
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
