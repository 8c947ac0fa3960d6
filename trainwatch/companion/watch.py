"""The command while it runs: who wants it to stop, suspends it, or signals it, and when it ends."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable

from trainwatch.companion.outlets import Outlet
from trainwatch.companion.signals import ENDING, is_from_us, is_owed, wait
from trainwatch.supervisor.stage import NEXT, SIGNALS, Stage
from trainwatch.supervisor.tree import Tree

_LOOK_AGAIN_S = 0.05
_SUSPENDED_BY = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_CONTINUED = 6  # CLD_CONTINUED

_WORDS = {
    Stage.INTERRUPTING: "asked to stop by SIGINT",
    Stage.TERMINATING: "asked to stop by SIGTERM, for SIGINT did not end it",
    Stage.KILLING: "being killed, for SIGTERM did not end it",
}


class Watch:
    """Sees a command through to its end. Only the thread that started the command may run it."""

    def __init__(
        self, tree: Tree, watched: frozenset[int], outlets: Iterable[Outlet], *, grace_s: float
    ) -> None:
        """Watch what `tree.main` is; `watched` are the signals that are held back for us."""
        self._tree = tree
        self._watched = watched
        self._outlets = list(outlets)
        self._grace_s = grace_s
        self._stage = Stage.RUNNING
        self._deadline: float | None = None
        self._is_unwanted = False
        self.signalled: set[int] = set()
        """The signals by which people wanted it to end."""

    @property
    def was_stopped(self) -> bool:
        """Whether it was ended because somebody wanted so on the page."""
        return self._stage is not Stage.RUNNING

    def stop(self) -> None:
        """Let the command be stopped. For any thread: `run` does it."""
        self._is_unwanted = True
        os.kill(os.getpid(), signal.SIGUSR1)

    def run(self, say: Callable[..., object], deliver: Callable[[float], object]) -> int:
        """Return how the command ended, as `waitpid` tells it.

        `say` reports a word of the task; `deliver` waits until that has been done, some seconds at most.
        Who was left behind by a command that ended by itself is left alone, as a shell does; of one that is
        stopped nothing is left.
        """
        while True:
            info = wait(self._watched, self._patience_s())
            if info is not None:
                self._heed(info, say, deliver)
            if self._is_unwanted and self._stage is Stage.RUNNING:
                self._enter(Stage.INTERRUPTING, say)
            self._keep_to_the_clock(say)
            if self._tree.is_over() or (self._stage is Stage.RUNNING and self._tree.main_has_ended()):
                break
        if self._tree.main_status is not None:
            return self._tree.main_status
        return os.waitpid(self._tree.main, 0)[1]

    def _patience_s(self) -> float | None:
        if self._stage is Stage.RUNNING:
            return None
        if self._deadline is None:
            return _LOOK_AGAIN_S
        left_s = self._deadline - time.monotonic()
        return min(left_s, _LOOK_AGAIN_S) if self._tree.main_has_ended() else left_s

    def _keep_to_the_clock(self, say: Callable[..., object]) -> None:
        if self._stage is Stage.KILLING:
            self._tree.kill()
        elif self._deadline is not None and time.monotonic() >= self._deadline:
            self._enter(NEXT[self._stage], say)

    def _enter(self, stage: Stage, say: Callable[..., object]) -> None:
        if self._tree.is_over():
            return
        self._stage = stage
        self._deadline = None if stage is Stage.KILLING else time.monotonic() + self._grace_s
        if stage is Stage.KILLING:
            self._tree.kill()
        else:
            self._tree.ask(SIGNALS[stage])
        say(message=_WORDS[stage])

    def _heed(
        self, info: "signal.struct_siginfo", say: Callable[..., object], deliver: Callable[[float], object]
    ) -> None:
        number = info.si_signo
        if number == signal.SIGCHLD:
            self._look_whether_suspended(say, deliver)
        elif number == signal.SIGWINCH:
            self._fit(info)
        elif not is_from_us(info):
            if number in ENDING:
                self.signalled.add(number)
            if is_owed(info, self._family()):
                self._pass_on(number)

    def _family(self) -> frozenset[int]:
        return frozenset(each.pid for each in self._tree.members()) | {self._tree.main}

    def _pass_on(self, number: int) -> None:
        with contextlib.suppress(PermissionError):
            os.kill(self._tree.main, number)  # unreaped, so it is no stranger

    def _fit(self, info: "signal.struct_siginfo") -> None:
        """Make our terminals as large as the window; and say so once more, for the kernel has said it too early."""
        terminals = [outlet for outlet in self._outlets if outlet.is_terminal]
        if not terminals or is_from_us(info):
            return
        for outlet in terminals:
            outlet.fit()
        os.killpg(0, signal.SIGWINCH)

    def _look_whether_suspended(self, say: Callable[..., object], deliver: Callable[[float], object]) -> None:
        """If the command stands still, tell so, and stand still with it where a shell waits for that."""
        with contextlib.suppress(ChildProcessError):
            turn = os.waitid(os.P_PID, self._tree.main, os.WSTOPPED | os.WCONTINUED | os.WNOHANG)
            if turn is None:
                return
            if turn.si_code == _CONTINUED:
                say(status="running")
                return
            say(status="paused", message="suspended")
            if turn.si_status in _SUSPENDED_BY:
                deliver(0.3)
                os.kill(os.getpid(), signal.SIGSTOP)
