"""How a command has ended, for its task and for whoever waits for us."""

import os
import signal
from collections.abc import Container
from typing import NamedTuple

from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.records import Exit

_BY_HAND = {
    signal.SIGINT: "interrupted in its terminal (SIGINT)",
    signal.SIGQUIT: "ended in its terminal (SIGQUIT)",
    signal.SIGTERM: "asked to end (SIGTERM)",
    signal.SIGHUP: "its terminal was closed (SIGHUP)",
}


class Ending(NamedTuple):
    """A state that is the last, why in words, and what a shell says of it."""

    status: str
    reason: str
    code: int
    signal: int | None


def ending_of(
    status: int, *, stopped: bool, signalled: Container[int], killed_for_memory: bool, failure: str | None
) -> Ending:
    """Return the end that `status` means, which is as `waitpid` tells it.

    `stopped`: from the page. `signalled`: what people have sent, to us or from the terminal. `killed_for_memory`:
    the kernel has killed something meanwhile. `failure`: what was printed that may explain one.
    """
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + (number or 0)
    record = Exit(
        boot_id="",
        finished_at=0.0,
        code=None if number else code,
        signal=number,
        core_dumped=number is not None and os.WCOREDUMP(status),
        oom_kills=int(killed_for_memory),
    )
    words = reason(record)
    if stopped:
        return Ending("stopped", f"stopped from the page ({words})", code, number)
    by_hand = signal.Signals(code - 128) if code - 128 in _BY_HAND else None
    if by_hand is not None and by_hand in signalled:
        return Ending("stopped", _BY_HAND[by_hand], code, number)
    if code == 0:
        return Ending("complete", words, code, number)
    return Ending("failed", f"{words}: {failure}" if failure else words, code, number)
