"""What is left of a job whose supervisor was killed: found by the marker in its environment, and ended."""

import os
import signal
import time

from trainwatch.supervisor.process import Process
from trainwatch.supervisor.processes import everybody, has_in_environment
from trainwatch.supervisor.signalling import send
from trainwatch.supervisor.spec import MARKER

_LOOK_AGAIN_S = 0.02


def find_survivors(marker: str) -> list[Process]:
    """Return the processes that began with `marker` in their environment, and all that came of them.

    That is whoever descends from one of them or shares a session with it. A daemon that cleared its
    environment *and* left its session *and* lost its parent is not found: only the supervisor would have.
    """
    assignment = f"{MARKER}={marker}".encode()
    processes = [p for p in everybody() if not p.has_ended and p.pid != os.getpid()]
    found = {p.pid: p for p in processes if has_in_environment(p.pid, assignment)}
    sessions = {p.session for p in found.values()}
    while True:
        more = {p.pid: p for p in processes if p.session in sessions or p.parent in found}
        if more.keys() <= found.keys():
            return list(found.values())
        found |= more
        sessions |= {p.session for p in more.values()}


def end_survivors(marker: str, *, grace_s: float = 5.0) -> int:
    """End what `find_survivors` finds, and return how many that were; it takes `grace_s` seconds and little more.

    SIGTERM, the grace, then SIGKILL until nothing is left. To be called when the supervisor is gone
    (`Lost`) and from a thread, for it waits.
    """
    ended: set[tuple[int, int]] = set()
    deadline = time.monotonic() + grace_s
    for process in find_survivors(marker):
        ended.add((process.pid, process.start))
        _send(process, signal.SIGTERM)
        if process.is_held:
            _send(process, signal.SIGCONT)
    while find_survivors(marker) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)
    out_of_reach: set[tuple[int, int]] = set()
    while True:
        left = [p for p in find_survivors(marker) if (p.pid, p.start) not in out_of_reach]
        if not left:
            return len(ended - out_of_reach)
        for number in (signal.SIGSTOP, signal.SIGKILL):  # all are held before the first one is ended
            for process in left:
                ended.add((process.pid, process.start))
                if not _send(process, number):
                    out_of_reach.add((process.pid, process.start))
        time.sleep(_LOOK_AGAIN_S)


def _send(process: Process, number: int) -> bool:
    """Send a signal, and say whether we are permitted to."""
    try:
        send(process, number)
    except PermissionError:
        return False
    return True
