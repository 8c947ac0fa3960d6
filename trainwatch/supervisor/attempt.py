"""An attempt as others find it: running, ended, lost, or never begun. Also after they were gone for a while."""

import contextlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

from trainwatch.supervisor import folder as files
from trainwatch.supervisor.log_reader import LogReader
from trainwatch.supervisor.process import Process
from trainwatch.supervisor.processes import boot_id, look_up
from trainwatch.supervisor.records import Exit, State, record_from
from trainwatch.supervisor.spec import LaunchSpec, from_json

SUPERVISOR_KILLED = "supervisor killed"
HOST_RESTARTED = "host restarted"


class NoAttemptError(FileNotFoundError):
    """Nobody ever described an attempt in that folder."""


class Unstarted(NamedTuple):
    """Everything is there to start it, and nobody has begun to: `launch` it, or leave it."""

    spec: LaunchSpec


class Handle(NamedTuple):
    """A running attempt, as of the moment it was looked at."""

    folder: Path
    state: State

    @property
    def supervisor(self) -> Process:
        """The supervisor's process, by pid and start; the rest is not known."""
        return Process(self.state.supervisor_pid, 0, 0, 0, "", self.state.supervisor_start)

    @property
    def log(self) -> LogReader:
        """What the job has printed so far."""
        return LogReader(self.folder)

    def open_pidfd(self) -> int | None:
        """Return a descriptor that is readable once the supervisor has ended; the caller closes it.

        None if the attempt has ended already, or where the system has no such thing: then `adopt`
        the folder again, now and then. Afterwards `adopt` says how it ended.
        """
        if sys.platform != "linux":
            return None
        try:
            handle = os.pidfd_open(self.supervisor.pid)
        except OSError:
            return None
        if _lives(self.supervisor):
            return handle
        os.close(handle)
        return None


class Ended(NamedTuple):
    """An attempt that is over, with its true end. Nothing of it is left."""

    folder: Path
    exit: Exit

    @property
    def log(self) -> LogReader:
        """What the job has printed, all of it."""
        return LogReader(self.folder)


class Lost(NamedTuple):
    """An attempt whose supervisor was killed, or whose host restarted, before it could tell the end.

    `cause` is `SUPERVISOR_KILLED` (processes may be left: see `survivors`) or `HOST_RESTARTED` (none can be).
    """

    folder: Path
    cause: str
    state: State
    marker: str

    @property
    def log(self) -> LogReader:
        """What the job had printed by then."""
        return LogReader(self.folder)


Attempt = Unstarted | Handle | Ended | Lost


def adopt(folder: Path | str) -> Attempt:
    """Return what has become of the attempt in `folder`. Cheap, and changes nothing.

    Raises:
        NoAttemptError: If nobody ever described an attempt there.
        OSError: If its files or its processes cannot be looked at now, which says nothing of what has become of it.
        ValueError: If its files were tampered with.
    """
    folder = Path(folder)
    raw = files.read(str(folder), files.STATE)
    if raw is None:
        return Unstarted(_spec(folder))
    state = record_from(State, raw)
    handle = Handle(folder, state)
    cause = None
    boot = boot_id()
    if boot and state.boot_id and state.boot_id != boot:
        cause = HOST_RESTARTED
    elif not _lives(handle.supervisor):
        cause = SUPERVISOR_KILLED
    # Looked at last: a supervisor that is gone by now may just have written it.
    ended = files.read(str(folder), files.EXIT)
    if ended is not None:
        return Ended(folder, record_from(Exit, ended))
    return Lost(folder, cause, state, _spec(folder).marker) if cause else handle


def settle(lost: Lost, *, finished_at: float, leftovers: int = 0) -> Ended:
    """Write down the end of a lost attempt as far as it is known, so that it is the same for ever; return it.

    `leftovers` is how many of its processes were found and ended.
    """
    unknown = Exit(
        lost.state.boot_id,
        started_at=lost.state.started_at,
        finished_at=finished_at,
        stopped=lost.state.stop_requested,
        stopped_by=lost.state.stopped_by,
        last_stage=lost.state.stage.value,
        leftovers=leftovers,
        log_bytes=lost.log.size(),
        lost=lost.cause,
    )
    files.write_once(str(lost.folder), files.EXIT, unknown._asdict())
    written = files.read(str(lost.folder), files.EXIT)
    assert written is not None
    return Ended(lost.folder, record_from(Exit, written))


def _spec(folder: Path) -> LaunchSpec:
    raw = files.read(str(folder), files.LAUNCH)
    if raw is None:
        raise NoAttemptError(f"{folder} holds no attempt")
    return from_json(raw)


def _lives(supervisor: Process) -> bool:
    """Say whether the supervisor is at work.

    Where we are the first process of a container, orphans are ours to reap: one that has ended is
    neither at work nor, from now on, in the way.
    """
    now = look_up(supervisor.pid)
    if now is None or not now.is_same_as(supervisor):
        return False
    if now.has_ended and now.parent == os.getpid():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(now.pid, os.WNOHANG)
    return not now.has_ended
