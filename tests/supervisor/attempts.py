"""Attempts for tests: launched for real, waited for with a deadline, and ended whatever happens."""

import contextlib
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from trainwatch.supervisor.attempt import Ended, Handle, adopt
from trainwatch.supervisor.launch import launch
from trainwatch.supervisor.process import Process
from trainwatch.supervisor.processes import everybody, look_up
from trainwatch.supervisor.signalling import send
from trainwatch.supervisor.spec import LaunchSpec, new_marker
from trainwatch.supervisor.stop import request_stop
from trainwatch.supervisor.survivors import find_survivors
from trainwatch.supervisor.tree import members

T = TypeVar("T")


def until(look: Callable[[], T | None], *, within_s: float = 20) -> T:
    """Return what `look` returns as soon as that is true."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {within_s} s for {look}"
        time.sleep(0.002)
    return seen


class Attempts:
    """Makes attempts in one folder, and ends what is left of them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cwd = home / "work"
        self.cwd.mkdir()
        self._markers: list[str] = []
        self._seen: list[Process] = []

    def spec(self, *argv: str, **more: Any) -> LaunchSpec:
        """Return a specification with graces that suit a test."""
        marker = new_marker()
        self._markers.append(marker)
        graces = {"grace_interrupt_s": 0.3, "grace_terminate_s": 0.3, "grace_leftovers_s": 0.3}
        return LaunchSpec(**{"argv": argv, "cwd": str(self.cwd), "marker": marker, **graces, **more})

    def folder(self) -> Path:
        """Return where the attempt can be whose specification was made last."""
        return self.home / f"attempt-{len(self._markers)}"

    def start(self, *argv: str, processes: int = 0, **more: Any) -> Handle:
        """Start a job, and return when `processes` of it have noted themselves."""
        spec = self.spec(*argv, **more)
        handle = launch(self.folder(), spec)
        until(lambda: len(self.noted()) >= processes)
        return handle

    def noted(self) -> list[Process]:
        """Return every process that has noted itself."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.cwd / "here").read_text().splitlines()
            pairs = [map(int, line.split()) for line in lines]
            return [Process(pid, 0, 0, 0, "", start) for pid, start in pairs]
        return []

    def alive(self) -> list[Process]:
        """Return who of the noted ones still lives."""
        return [process for process in self.noted() if lives(process)]

    def of(self, handle: Handle) -> list[Process]:
        """Return the processes that a running attempt consists of now, but for its supervisor."""
        return members(everybody(), handle.supervisor.pid, handle.state.job_pid)

    def stop(self, handle: Handle) -> Ended:
        """Ask the job to stop and return its end."""
        request_stop(handle.folder, "ada", at=1.0)
        return ended(handle)

    def clean_up(self) -> None:
        """End what is left, and whoever supervises it."""
        for handle in filter(None, map(_running_in, self.home.glob("attempt-*"))):
            while left := [p for p in self.of(handle) if lives(p)]:
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    for process in left:
                        send(process, number)
            send(handle.supervisor, signal.SIGKILL)
        for marker in self._markers:
            for process in find_survivors(marker):
                send(process, signal.SIGKILL)
        for process in self.alive():
            send(process, signal.SIGKILL)


def lives(process: Process) -> bool:
    """Say whether `process` is there and has not ended."""
    now = look_up(process.pid)
    return now is not None and now.is_same_as(process) and not now.has_ended


def ended(handle: Handle | Path, *, within_s: float = 20) -> Ended:
    """Return the end of an attempt as soon as it is known."""
    folder = handle if isinstance(handle, Path) else handle.folder
    found = until(lambda: None if _is_running(now := adopt(folder)) else now, within_s=within_s)
    assert isinstance(found, Ended), found
    return found


def _running_in(folder: Path) -> Handle | None:
    """Return the attempt in `folder` if it runs; a test may have spoilt its files."""
    with contextlib.suppress(OSError, ValueError):
        found = adopt(folder)
        return found if isinstance(found, Handle) else None
    return None


def _is_running(found: object) -> bool:
    return isinstance(found, Handle)
