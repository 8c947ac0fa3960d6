"""The supervisor as a program: takes an attempt over, sees it through, and writes down how it ended.

Everything is imported at the start, for the files may be those of a later version when it ends.
"""

import contextlib
import errno
import json
import os
import time
from typing import Any

from trainwatch.supervisor import folder
from trainwatch.supervisor.bell import Bell
from trainwatch.supervisor.channel import Channel
from trainwatch.supervisor.linux import collect_orphans, take_name
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.memory import oom_kills
from trainwatch.supervisor.mishap import note_mishap
from trainwatch.supervisor.output import Output
from trainwatch.supervisor.processes import boot_id, look_up
from trainwatch.supervisor.records import Exit, State
from trainwatch.supervisor.spawn import NotStartedError, spawn
from trainwatch.supervisor.spec import LaunchSpec, from_json
from trainwatch.supervisor.stage import Stage
from trainwatch.supervisor.supervision import Supervision
from trainwatch.supervisor.tree import Tree

ALREADY_STARTED = "already started"
_RESERVE = ".reserve"
_RESERVE_BYTES = 16 << 10
_RETRY_S = 2.0
_DISK_MAY_RECOVER = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def main(path: str) -> None:
    """Supervise the attempt in the folder `path`, as a process that belongs to nobody.

    Whoever launches hears one line of JSON on stdout as soon as the job runs, or why it does not.
    """
    if os.fork():
        os._exit(0)  # the launcher has one child that ends at once, and none that it must reap later
    os.chdir(path)  # the folder may be renamed or moved while the job runs
    bell = Bell()
    take_name("tw-supervisor")
    try:
        spec = _read_spec()
        claim = _claim()
    except (OSError, ValueError) as error:
        _tell(error=f"the folder {path} cannot be used: {error}")
        return
    if claim is None:
        _tell(error=ALREADY_STARTED)
        return
    _reserve()
    killed_before = oom_kills()
    try:
        supervision = _start(spec, claim, bell)
    except NotStartedError as error:
        _conclude(Exit(claim.boot_id, finished_at=_now(), launch_error=str(error)))
        _tell(error=str(error))
        return
    _tell()
    ended = supervision.run()
    _conclude(ended._replace(oom_kills=_difference(killed_before, oom_kills())))


def _read_spec() -> LaunchSpec:
    raw = folder.read(".", folder.LAUNCH)
    if raw is None:
        raise ValueError(f"there is no {folder.LAUNCH}")
    return from_json(raw)


def _claim() -> State | None:
    """Return the first state of this attempt, now ours; None if it is somebody else's."""
    me = look_up(os.getpid())
    assert me
    state = State(boot_id(), me.pid, me.start, Stage.STARTING, stage_since=_now())
    return state if folder.write_once(".", folder.STATE, state._asdict()) else None


def _start(spec: LaunchSpec, claim: State, bell: Bell) -> Supervision:
    """Start the job.

    Raises:
        NotStartedError: If that fails, whatever the reason; then there is nothing to supervise.
    """
    collects_orphans = collect_orphans()
    try:
        log = LogWriter(folder.LOG, spec.log)
        channel = Channel(spec.terminal)
        pid = spawn(spec, channel.writing)
    except OSError as error:
        raise NotStartedError(f"the job cannot be started: {error}") from error
    channel.give_away()
    job = look_up(pid)
    assert job  # unreaped, so it cannot be gone
    state = claim._replace(started_at=_now(), job_pid=pid, job_start=job.start)
    tree = Tree(pid, collects_orphans=collects_orphans)
    return Supervision(spec, state, tree, bell, Output(channel, log))


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _tell(**said: Any) -> None:
    """Tell the launcher, who may be gone, and let go of it."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(said).encode() + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.close(nothing)


def _reserve() -> None:
    """Set room aside, so that the end can be told on a disk that the job has filled."""
    with contextlib.suppress(OSError), open(_RESERVE, "wb", opener=_private) as file:
        file.write(os.urandom(_RESERVE_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _conclude(ended: Exit) -> None:
    """Write down the end, once; on a full or failing disk again and again, for it is all that is known of it."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_RESERVE)
    while True:
        try:
            folder.write_once(".", folder.EXIT, ended._asdict())
        except OSError as error:
            if error.errno not in _DISK_MAY_RECOVER:
                note_mishap(f"the end could not be written: {error}")
                return
            time.sleep(_RETRY_S)
        else:
            return


def _now() -> float:
    return time.time()  # noqa: TID251 - a program of its own: this is its clock
