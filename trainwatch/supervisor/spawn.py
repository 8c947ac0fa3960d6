"""The job's own process: started in a session of its own, as if by a shell, or not at all."""

import errno
import os
import signal
from typing import NoReturn

from trainwatch.supervisor.spec import MARKER, LaunchSpec

_FROM_CHDIR = "chdir"
_FROM_EXEC = "exec"


class NotStartedError(Exception):
    """The command cannot be executed; the message says why."""


def environment(spec: LaunchSpec) -> dict[str, str]:
    """Return the environment of the job: the supervisor's own, with what `spec` adds and takes away."""
    merged = {**os.environ, "PYTHONUNBUFFERED": "1", **spec.env, MARKER: spec.marker}
    return {name: value for name, value in merged.items() if value is not None}


def spawn(spec: LaunchSpec, output: int) -> int:
    """Start the command with `output` for its stdout and stderr, and return its pid once it is executed.

    Raises:
        NotStartedError: If that fails; then there is no process.
    """
    environ = environment(spec)
    reading, writing = os.pipe()
    signals = signal.valid_signals()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # none of ours may run in the child
    pid = os.fork()
    if not pid:
        _become(spec, environ, output, writing)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(writing)
    with open(reading, "rb") as file:
        failure = file.read()
    if not failure:
        return pid
    os.waitpid(pid, 0)
    raise NotStartedError(_in_words(spec, environ, failure.decode()))


def _become(spec: LaunchSpec, environ: dict[str, str], output: int, failures: int) -> NoReturn:
    """Turn this forked process into the job; says on `failures` what fails, and closes it by becoming the job."""
    step = _FROM_CHDIR
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if spec.umask is not None:
            os.umask(spec.umask)
        os.chdir(spec.cwd)
        step = _FROM_EXEC
        _reset_signals()
        os.execvpe(spec.argv[0], spec.argv, environ)  # noqa: S606 - a command without a shell is the point
    except OSError as error:
        os.write(failures, f"{step} {error.errno or 0}".encode())
    finally:
        os._exit(127)


def _reset_signals() -> None:
    """Give the job every signal as the system has it, not as Python or whoever launched wants it."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _in_words(spec: LaunchSpec, environ: dict[str, str], failure: str) -> str:
    step, number = failure.split()
    command = spec.argv[0]
    code = int(number)
    if step == _FROM_CHDIR:
        return {
            errno.ENOENT: f"the working directory {spec.cwd} does not exist",
            errno.ENOTDIR: f"the working directory {spec.cwd} is no directory",
            errno.EACCES: f"the working directory {spec.cwd} may not be entered",
        }.get(code, f"the working directory {spec.cwd} cannot be used: {os.strerror(code)}")
    if code == errno.ENOENT and _exists(spec, environ):
        return f"{command}: the interpreter that its first line names was not found"
    return {
        errno.ENOENT: f"command not found: {command}",
        errno.ENOTDIR: f"command not found: {command}",
        errno.EACCES: f"not executable: {command}",
        errno.ENOEXEC: f"not executable, neither a program nor a script that begins with #!: {command}",
        errno.E2BIG: "the command line and its environment are too long",
    }.get(code, f"{command} cannot be executed: {os.strerror(code)}")


def _exists(spec: LaunchSpec, environ: dict[str, str]) -> bool:
    command = spec.argv[0]
    places = [""] if "/" in command else os.get_exec_path(environ)
    return any(os.path.isfile(os.path.join(spec.cwd, place, command)) for place in places)
