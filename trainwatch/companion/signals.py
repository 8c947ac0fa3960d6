"""Signals that come to us: whether the command has got them as well, or is owed them."""

import os
import signal

_FROM_KERNEL = 0x80  # SI_KERNEL: of a terminal, to the whole of a process group

WATCHED = frozenset({
    signal.SIGCHLD, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP,
    signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP,
})  # fmt: skip

ENDING = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP})
"""What people end a command with."""

NAME = "tw-run"
"""What we are called in a list of processes."""

_TELLS_EVERYBODY = frozenset({"tw-supervisor", NAME})


def hold() -> tuple[frozenset[int], set[int]]:
    """Hold back what we watch, and return it, with the mask that there was before.

    What whoever started us wants ignored (`nohup`) stays ignored, by the command too. To be called before
    any thread is started: then none of them is disturbed.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, ended children would vanish
    watched = frozenset(number for number in WATCHED if signal.getsignal(number) is not signal.SIG_IGN)
    before: set[int] = {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, watched)}
    return watched - before, before


def wait(watched: frozenset[int], seconds: float | None) -> "signal.struct_siginfo | None":
    """Return the next signal; None if none comes in time."""
    if seconds is None:
        return signal.sigwaitinfo(watched)
    return signal.sigtimedwait(watched, max(0.0, seconds))


def is_from_us(info: "signal.struct_siginfo") -> bool:
    """Say whether we have sent it ourselves."""
    return info.si_code <= 0 and info.si_pid == os.getpid()


def is_owed(info: "signal.struct_siginfo", family: frozenset[int]) -> bool:
    """Say whether a signal has come to us alone, so that the command is owed it.

    A terminal signals the whole process group, but one that is hung up only the leader of the session. A
    process signals us alone as far as anybody can tell, unless it is of the command's own `family`, which
    means its whole group, or ends all that it started, one by one, as we do.
    """
    if info.si_code == _FROM_KERNEL:
        return info.si_signo == signal.SIGHUP and os.getsid(0) == os.getpid()
    return info.si_pid not in family and _name_of(info.si_pid) not in _TELLS_EVERYBODY


def _name_of(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return ""


def die_of(number: int) -> None:
    """End by a signal, for whoever waits for us goes by that: a shell's loop ends with Ctrl-C."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
