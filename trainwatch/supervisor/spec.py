"""What is to be started, as it stands in launch.json."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

MARKER = "TRAINWATCH_ATTEMPT_MARKER"
"""The environment variable by which everything that an attempt started is found again."""

_LONGEST_GRACE_S = 7 * 24 * 3600.0


class Terminal(NamedTuple):
    """A pseudo-terminal that is wanted for a job, with its size in characters."""

    columns: int = 80
    rows: int = 24


class LogLimits(NamedTuple):
    """How much of a log is kept: its first segment and the newest ones."""

    segment_bytes: int = 4 << 20
    total_bytes: int = 256 << 20


class LaunchSpec(NamedTuple):
    """One attempt of a job: the command, its surroundings, and how it is to be stopped.

    `argv[0]` is looked for as a shell would, with the job's own PATH. `env` is added to the
    environment that it is launched with; None takes a variable away. `marker` is random (`new_marker`).
    """

    argv: tuple[str, ...]
    cwd: str
    marker: str
    env: Mapping[str, str | None] = {}
    umask: int | None = None
    terminal: Terminal | None = None
    grace_interrupt_s: float = 15.0
    grace_terminate_s: float = 10.0
    grace_leftovers_s: float = 2.0
    log: LogLimits = LogLimits()


def new_marker() -> str:
    """Return a marker that no other attempt has."""
    return os.urandom(16).hex()


def check(spec: LaunchSpec) -> None:
    """Let `spec` pass if it can be carried out as far as it can tell by itself.

    Raises:
        ValueError: If not; the message says why.
    """
    if not spec.argv or not spec.argv[0]:
        raise ValueError("the command is empty")
    if any("\0" in part for part in (*spec.argv, spec.cwd)):
        raise ValueError("the command and its working directory must not hold a NUL character")
    if not spec.cwd.startswith("/"):
        raise ValueError(f"the working directory must be an absolute path, not {spec.cwd!r}")
    if not spec.marker.isalnum():
        raise ValueError("the marker must be letters and digits")
    _check_environment(spec.env)
    _check_limits(spec)


def _check_environment(env: Mapping[str, str | None]) -> None:
    for name, value in env.items():
        if not name or "=" in name or "\0" in name or "\0" in (value or ""):
            raise ValueError(f"{name!r} cannot be set in an environment")


def _check_limits(spec: LaunchSpec) -> None:
    graces = (spec.grace_interrupt_s, spec.grace_terminate_s, spec.grace_leftovers_s)
    if not all(0 <= grace <= _LONGEST_GRACE_S for grace in graces):  # also refuses NaN
        raise ValueError("a grace must be from 0 seconds to a week")
    if spec.log.segment_bytes < 1 or spec.log.total_bytes < 2 * spec.log.segment_bytes:
        raise ValueError("a log must have room for two segments at least")
    if spec.terminal and not all(0 < side < 1 << 16 for side in spec.terminal):
        raise ValueError("a terminal must have from 1 to 65535 columns and rows")
    if spec.umask is not None and not 0 <= spec.umask <= 0o777:
        raise ValueError("umask must be from 0 to 0o777")


def to_json(spec: LaunchSpec) -> dict[str, Any]:
    """Return `spec` as launch.json holds it."""
    return {
        **spec._asdict(),
        "argv": list(spec.argv),
        "env": dict(spec.env),
        "terminal": spec.terminal and spec.terminal._asdict(),
        "log": spec.log._asdict(),
    }


def from_json(raw: dict[str, Any]) -> LaunchSpec:
    """Return the specification that `to_json` gave; fields of a later version are left out.

    Raises:
        ValueError: If it was none.
    """
    known = {name: raw[name] for name in LaunchSpec._fields if name in raw}
    try:
        known["argv"] = tuple(known["argv"])
        known["terminal"] = Terminal(**known["terminal"]) if known.get("terminal") else None
        known["log"] = LogLimits(**known.get("log", {}))
        return LaunchSpec(**known)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no launch specification: {error}") from error
