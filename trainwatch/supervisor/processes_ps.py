"""Processes as `ps` tells of them, where there is no /proc (macOS)."""

import calendar
import os
import select
import subprocess
import time
from typing import Any

from trainwatch.supervisor.process import Process

_COLUMNS = "pid=,ppid=,pgid=,state=,lstart="


def _ps(*arguments: str) -> list[str]:
    with subprocess.Popen(  # noqa: S603 - only our own options
        ["/bin/ps", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C", "TZ": "UTC0"},
    ) as ps:
        told, _ = ps.communicate()
    lines = told.decode(errors="replace").splitlines()
    return [line for line in lines if not line.lstrip().startswith(f"{ps.pid} ")]  # all but itself


def _parse(line: str) -> Process:
    pid, parent, group, state, *started = line.split()
    start = calendar.timegm(time.strptime(" ".join(started), "%a %b %d %H:%M:%S %Y"))
    # macOS does not tell the session of others; the group says as much for our purposes.
    return Process(int(pid), int(parent), int(group), int(group), state[0], start)


def look_up(pid: int) -> Process | None:
    """Return the process that has `pid` now, None if there is none."""
    return next(map(_parse, _ps("-p", str(pid), "-o", _COLUMNS)), None)


def everybody() -> list[Process]:
    """Return every process of this machine; not all at the same instant."""
    return [_parse(line) for line in _ps("-A", "-o", _COLUMNS)]


def children() -> list[int]:
    """Return the pids of this process's children, ended ones too."""
    return [process.pid for process in everybody() if process.parent == os.getpid()]


def start_of_one_born_now() -> int:
    """Return what `start` would be for a process that begins at this moment."""
    return int(time.clock_gettime(time.CLOCK_REALTIME))


def watch_end(pid: int) -> int | None:
    """Return a descriptor that is readable once the process has ended, reaped or not."""
    system: Any = select  # a type checker for Linux knows no kqueue
    queue = system.kqueue()
    event = system.kevent(pid, system.KQ_FILTER_PROC, system.KQ_EV_ADD, system.KQ_NOTE_EXIT)
    try:
        queue.control([event], 0)
    except ProcessLookupError:  # it has ended already
        reading, writing = os.pipe()
        os.close(writing)
        return reading
    return os.dup(queue.fileno())


def has_in_environment(pid: int, assignment: bytes) -> bool:
    """Say whether the process began with `assignment` ("NAME=value") in its environment; False if we may not know."""
    lines = _ps("eww", "-o", "command=", "-p", str(pid))
    return any(assignment.decode() in line.split() for line in lines)


def boot_id() -> str:
    """Return what differs after each start of this machine."""
    done = subprocess.run(
        ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode().strip()
