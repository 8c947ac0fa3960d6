"""Why an attempt ended, in words."""

import signal

from trainwatch.supervisor.attempt import HOST_RESTARTED
from trainwatch.supervisor.records import Exit
from trainwatch.supervisor.stage import Stage

_KILLED_IN_A_SHELL = 128 + signal.SIGKILL


def reason(ended: Exit) -> str:
    """Return why the attempt ended, as it is shown: "exit code 1", "killed by SIGSEGV", "stopped by ada"."""
    if ended.launch_error is not None:
        return f"could not be started: {ended.launch_error}"
    if ended.lost is not None:
        return HOST_RESTARTED if ended.lost == HOST_RESTARTED else "exit unknown: its supervisor was killed"
    if ended.stopped:
        return _stopped(ended.stopped_by) + _with_what(ended)
    if ended.oom_kills:
        return _out_of_memory(ended)
    return _end(ended)


def _stopped(by: str | None) -> str:
    if by is None:
        return "host stopped"
    return f"stopped by {by}" if by else "stopped"


def _with_what(ended: Exit) -> str:
    """Return what it took to stop it, where that was more than to ask once."""
    if ended.last_stage == Stage.TERMINATING.value:
        return "; SIGINT did not end it, SIGTERM did"
    if ended.last_stage != Stage.KILLING.value:
        return ""
    who = "it" if ended.signal == signal.SIGKILL else "what was left of it"
    return f"; {who} had to be killed (SIGKILL)"


def _out_of_memory(ended: Exit) -> str:
    if ended.signal == signal.SIGKILL or ended.code == _KILLED_IN_A_SHELL:
        return f"killed, out of memory (exit {_KILLED_IN_A_SHELL})"
    if ended.code == 0:
        return _end(ended)
    return f"{_end(ended)}, after the kernel killed a process for want of memory"


def _end(ended: Exit) -> str:
    if ended.signal is None:
        return f"exit code {ended.code}"
    core = " (core dumped)" if ended.core_dumped else ""
    return f"killed by {_name(ended.signal)}{core}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has a number only
        return f"signal {number}"
