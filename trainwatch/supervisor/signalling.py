"""A signal to one process, and to no stranger that has got its pid."""

import os
import signal
import sys

from trainwatch.supervisor.process import Process
from trainwatch.supervisor.processes import look_up


def send(process: Process, number: int) -> bool:
    """Send the signal `number` to `process`, and say whether it was still there to get it.

    Raises:
        PermissionError: If it belongs to somebody whom we may not disturb.
    """
    try:
        handle = _open(process.pid)
    except ProcessLookupError:
        return False
    try:
        now = look_up(process.pid)
        if now is None or now.has_ended or not now.is_same_as(process):
            return False
        _send(handle, process.pid, number)
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _open(pid: int) -> int | None:
    """Return a descriptor that stands for the process, whoever gets its pid later; None where there is no such thing."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:  # a kernel before 5.3, or a sandbox that forbids it
        return None


def _send(handle: int | None, pid: int, number: int) -> None:
    if handle is not None and sys.platform == "linux":
        signal.pidfd_send_signal(handle, number)
    else:
        os.kill(pid, number)
