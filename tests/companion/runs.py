"""Types `trainwatch run` as a person would: into pipes, or in a terminal."""

import contextlib
import fcntl
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.plugins.wire import get, post

ROOT = Path(__file__).parent.parent.parent
WITHIN_S = 20.0
PROMPT = b"$ " if os.geteuid() else b"# "

T = TypeVar("T")


def until(look: Callable[[], T], within_s: float = WITHIN_S) -> T:
    """Return what `look` returns as soon as that is true."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)
    return found


def python(program: str) -> list[str]:
    """Return the command that runs `program` in an interpreter that starts fast."""
    return [sys.executable, "-I", "-S", "-c", program]


class Terminal:
    """A process that leads a session on a terminal of its own, which we hold the other end of."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], *, rows: int = 24, columns: int = 80
    ) -> None:
        self.pid, self.handle = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(ROOT)
            os.execvpe(argv[0], list(argv), dict(env))
        self.shown = b""
        self._status: int | None = None

    def read_until(self, text: bytes | None, times: int = 1) -> bytes:
        """Read until `text` is shown; for None until nobody can print any more. Return all that was shown so far."""
        deadline = time.monotonic() + WITHIN_S
        while text is None or self.shown.count(text) < times:
            left_s = deadline - time.monotonic()
            assert left_s > 0, self.shown
            if not select.select([self.handle], [], [], left_s)[0]:
                continue
            try:
                data = os.read(self.handle, 65536)
            except OSError:
                data = b""
            if not data:
                assert text is None, self.shown
                break
            self.shown += data
        return self.shown

    def type(self, keys: bytes) -> None:
        os.write(self.handle, keys)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        """Close the window."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    def command(self, argv: Sequence[str], *, until_shown: bytes) -> None:
        """Have the shell that this is run a command, and wait for what it prints first."""
        self.read_until(PROMPT)
        self.type(shlex.join(argv).encode() + b"\n")
        self.read_until(until_shown + b"\r\n")

    def wait(self) -> int:
        """Return how it ended: its exit code, or minus the number of a signal."""
        if self._status is None:
            self._status = self._reap()
        return os.waitstatus_to_exitcode(self._status)

    def _reap(self) -> int:
        deadline = time.monotonic() + WITHIN_S
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            assert time.monotonic() < deadline, "it does not end"
            if self.handle >= 0 and select.select([self.handle], [], [], 0.01)[0]:
                with contextlib.suppress(OSError):
                    self.shown += os.read(self.handle, 65536)
            else:
                time.sleep(0.005)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            if self._status is None:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        self.close()


class Runs:
    """Starts commands, and looks at their tasks."""

    def __init__(self, url: str, state: Path) -> None:
        """Report to `url`; what could not be reported is kept in `state`."""
        self.url = url
        self.unsent = state / "trainwatch" / "unsent"
        self._processes: list[Any] = []
        self._terminals: list[Terminal] = []
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TRAINWATCH_")}
        self.env |= {"TRAINWATCH_URL": url, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            with process:
                process.kill()
        for terminal in self._terminals:
            terminal.kill()

    def name(self) -> str:
        """Return a name for a task that no other has."""
        return f"run-{uuid.uuid4().hex}"

    def argv(self, command: Sequence[str], *options: str) -> list[str]:
        return [sys.executable, "-m", "trainwatch", "run", *options, "--", *command]

    def pipes(self, command: Sequence[str], *options: str, **given: Any) -> Any:
        """Start a command whose output goes into pipes, apart; return its `Popen`, with streams that are there."""
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
        process: Any = subprocess.Popen(
            self.argv(command, *options), env={**self.env, **given.pop("env", {})}, **given
        )
        self._processes.append(process)
        return process

    def done(self, command: Sequence[str], *options: str, **given: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        data = given.pop("input", None)
        if data is not None:
            given["stdin"] = subprocess.PIPE
        process = self.pipes(command, *options, **given)
        out, err = process.communicate(data, timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def sync(self, url: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Send what waits for the server at `url`."""
        return subprocess.run(
            [sys.executable, "-m", "trainwatch", "sync", "--url", url],
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def terminal(self, argv: Sequence[str], **size: int) -> Terminal:
        """Start something in a terminal."""
        terminal = Terminal(argv, self.env, **size)
        self._terminals.append(terminal)
        return terminal

    def tasks(self, name: str) -> list[dict[str, Any]]:
        return get(self.url, f"/api/tasks?q={name}").json()["tasks"]

    def task(self, name: str) -> dict[str, Any]:
        """Return the one task of that name, once it is there, with its history."""
        found = until(lambda: self.tasks(name))
        assert len(found) == 1
        return get(self.url, f"/api/tasks/{found[0]['id']}").json()

    def task_when(
        self, name: str, is_so: Callable[[dict[str, Any]], bool], within_s: float = WITHIN_S
    ) -> dict[str, Any]:
        """Return the task of that name as soon as it is so."""
        until(lambda: is_so(self.task(name)), within_s)
        return self.task(name)

    def stop(self, name: str) -> None:
        """Press Stop."""
        task = self.task_when(name, lambda task: task["status"] == "running")
        assert post(self.url, {}, f"/api/tasks/{task['id']}/stop").status == 200

    def metrics(self, name: str) -> list[dict[str, Any]]:
        return get(self.url, f"/api/training/{self.task(name)['id']}/metrics").json()


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rsplit(b")", 1)[1].split()[0] not in (b"Z", b"X")


def children_of(pid: int) -> list[int]:
    """Return the children of a process, ended ones too."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
