"""Everything that a job started, and nothing else."""

import contextlib
import os
import signal
from collections.abc import Iterable

from trainwatch.supervisor.process import Process
from trainwatch.supervisor.processes import children, everybody, look_up, start_of_one_born_now, watch_end
from trainwatch.supervisor.signalling import send

_PASSES = 10
_FREEZING_PASSES = 50
_HUNTING_PASSES = 2000


def members(everyone: Iterable[Process], root: int, session: int | None) -> list[Process]:
    """Return who of `everyone` lives and descends from `root`, or is in `session`, or in a group of that number."""
    processes = list(everyone)
    by_parent: dict[int, list[Process]] = {}
    for process in processes:
        by_parent.setdefault(process.parent, []).append(process)
    found = {p.pid: p for p in processes if session and session in (p.session, p.group)}
    to_visit = [root, *found]
    while to_visit:
        for child in by_parent.get(to_visit.pop(), ()):
            if child.pid not in found:
                found[child.pid] = child
                to_visit.append(child.pid)
    return [process for process in found.values() if process.pid != root and not process.has_ended]


class Tree:
    """The processes of one job, which this process has started: `main` and whatever came of it.

    `main` is left unreaped until all is over. So nobody else can get its pid, and a signal to its
    process group, which reaches all members at one instant, cannot reach a stranger.
    """

    def __init__(self, main: int, *, collects_orphans: bool) -> None:
        self.main = main
        self.out_of_reach: set[tuple[int, int]] = set()
        """Those whom we are not permitted to signal, by pid and start."""
        self.main_status: int | None = None
        """How `main` ended, as `waitpid` tells it; None until it is reaped."""
        self.ending = watch_end(main)
        """A descriptor that becomes readable when `main` ends; None where a signal tells of it."""
        self._collects_orphans = collects_orphans

    def members(self) -> list[Process]:
        """Return everybody who is left, in no order."""
        return members(everybody(), os.getpid(), self._group)

    def main_has_ended(self) -> bool:
        """Say whether the job's own process has ended."""
        main = None if self.main_status is not None else look_up(self.main)
        return main is None or main.has_ended

    def is_over(self) -> bool:
        """Reap who has ended, and say whether nobody is left whom we could end."""
        self._reap_others()
        if not self.main_has_ended():
            return False
        if self.out_of_reach and all((p.pid, p.start) in self.out_of_reach for p in self.members()):
            self._reap_main()
            return True
        if self._other_children() or (not self._collects_orphans and self.members()):
            return False
        self._reap_main()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False  # somebody was just becoming our child

    def ask(self, number: int) -> set[tuple[int, int]]:
        """Send a signal once to everybody who is there now, wake who stands still, and return who they are.

        Who is born after this began is left alone: to save its work a job may well start something.
        """
        now = start_of_one_born_now()
        everyone = self.members()
        self._signal_group(number)
        asked: set[tuple[int, int]] = set()
        for _ in range(_PASSES):
            fresh = [p for p in everyone if (p.pid, p.start) not in asked]
            if asked:  # who was being born while we looked
                fresh = [p for p in fresh if p.start < now]
            if not fresh:
                break
            for process in fresh:
                asked.add((process.pid, process.start))
                self._ask_one(process, number)
            everyone = self.members()
        return asked

    def kill(self) -> set[tuple[int, int]]:
        """Send SIGKILL to everybody, those too who start others as fast as they are ended; return who they were.

        They are held first, all of them, so that nobody who watches another can start it again.
        """
        held: set[tuple[int, int]] = set()
        for _ in range(_FREEZING_PASSES):
            fresh = [p for p in self.members() if (p.pid, p.start) not in held]
            if not fresh:
                break
            for process in fresh:
                held.add((process.pid, process.start))
                self._send(process, signal.SIGSTOP)
        self._signal_group(signal.SIGKILL)
        for process in self.members():
            held.add((process.pid, process.start))
            self._send(process, signal.SIGKILL)
        if self._collects_orphans:
            self._hunt()
        return held

    def _hunt(self) -> None:
        """Outrun a process that forks and ends, again and again: at each turn its newest one becomes our child.

        The pid of a child is its own until we reap it, so it needs no second look.
        """
        quiet = 0
        for _ in range(_HUNTING_PASSES):
            fresh = self._other_children()
            quiet = 0 if fresh else quiet + 1
            if quiet > _PASSES:
                break
            for pid in fresh:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._reap_others()

    def _ask_one(self, process: Process, number: int) -> None:
        if process.group != self._group:
            self._send(process, number)
        if process.is_held:
            self._send(process, signal.SIGCONT)

    def _signal_group(self, number: int) -> None:
        if self._group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, number)

    def _send(self, process: Process, number: int) -> None:
        try:
            send(process, number)
        except PermissionError:
            self.out_of_reach.add((process.pid, process.start))

    @property
    def _group(self) -> int | None:
        """The process group of `main`, and its session, as long as that number is surely ours."""
        return self.main if self.main_status is None else None

    def _other_children(self) -> list[int]:
        return [pid for pid in children() if pid != self._group]

    def _reap_others(self) -> None:
        for pid in self._other_children():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _reap_main(self) -> None:
        if self.main_status is None:
            _, self.main_status = os.waitpid(self.main, 0)
