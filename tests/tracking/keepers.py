"""A keeper in memory that fails when it is told to, and programs that track in a process of their own."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from trainwatch.domain.tracked.change import Change
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.errors import TrainwatchError
from trainwatch.tracking.keeper import Kept, Outcome

PATIENCE_S = 30.0


class MemoryKeeper:
    """Remembers changes in order; while `failure` is set, everything raises it, while `gate` is shut, changes wait, while `asking` is,
    who asks for a stop."""

    is_shared = False

    def __init__(self) -> None:
        self.kept: list[Change] = []
        self.tries = 0
        self.failure: Exception | None = None
        self.refusals: dict[str, TrainwatchError] = {}
        self.stops: set[str] = set()
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()
        self.asking = threading.Event()
        self.asking.set()
        self.found: dict[str, TaskProgress] = {}

    def check_caller(self) -> None:
        """Let any thread pass."""

    def keep(self, changes: Sequence[Change]) -> list[Outcome]:
        self.tries += 1
        self.gate.wait(PATIENCE_S)
        if self.failure is not None:
            raise self.failure
        outcomes: list[Outcome] = []
        for change in changes[:7]:  # not all at once, as a body has its limits
            refusal = self.refusals.get(change.kind)
            if refusal is None:
                self.kept.append(change)
            outcomes.append(refusal or Kept(change.task_id in self.stops))
        return outcomes

    def find(self, task_id: str) -> TaskProgress | None:
        if self.failure is not None:
            raise self.failure
        return self.found.get(task_id)

    def active(self) -> list[TaskProgress]:
        if self.failure is not None:
            raise self.failure
        return list(self.found.values())

    def wants_stop(self, task_id: str) -> bool:
        self.asked += 1
        self.asking.wait(PATIENCE_S)
        if self.failure is not None:
            raise self.failure
        return task_id in self.stops

    def close(self) -> None:
        """Let go of nothing."""


def until(is_true: Callable[[], object]) -> None:
    """Wait until something is true, for a while."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "that never came"
        time.sleep(0.005)


@contextlib.contextmanager
def program(text: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """Run `text` as a program with `arguments`; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", text, *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def lines_of(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Return the lines that a program prints, one by one."""
    assert process.stdout is not None
    return (line.strip() for line in process.stdout)
