"""Processes as Linux tells of them, in /proc."""

import os
import time

from trainwatch.supervisor.process import Process

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def look_up(pid: int) -> Process | None:
    """Return the process that has `pid` now, None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            line = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = line[line.rindex(b")") + 2 :].split()  # the name before it may hold anything
    state, threads = fields[0].decode(), int(fields[17])
    return Process(
        pid=pid,
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        state="S" if state == "Z" and threads > 1 else state,  # its first thread has ended, not the process
        start=int(fields[19]),
    )


def everybody() -> list[Process]:
    """Return every process of this machine, or of this container; not all at the same instant."""
    looks = [look_up(int(name)) for name in os.listdir("/proc") if name.isdigit()]
    return [process for process in looks if process]


def children() -> list[int]:
    """Return the pids of this thread's children, ended ones too; one that is just coming or going may be missing."""
    me = os.getpid()
    try:
        with open(f"/proc/self/task/{me}/children", "rb", buffering=0) as file:
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return [process.pid for process in everybody() if process.parent == me]


def start_of_one_born_now() -> int:
    """Return what `start` would be for a process that begins at this moment."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS_PER_SECOND)


def watch_end(_pid: int) -> int | None:
    """Return None: SIGCHLD tells of the end of every child."""
    return None


def has_in_environment(pid: int, assignment: bytes) -> bool:
    """Say whether the process began with `assignment` ("NAME=value") in its environment; False if we may not know."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return assignment in file.read().split(b"\0")
    except OSError:
        return False


def boot_id() -> str:
    """Return what differs after each start of this machine, or of this container; "" where that is hidden from us."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
    except OSError:  # a service in a sandbox: ProcSubset=pid
        return ""
    first = look_up(1)  # a container that starts again has the boot of its host, but another first process
    return f"{boot}/{first.start if first else 0}"
