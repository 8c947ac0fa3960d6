"""The task that a command is: what its server and its user are told. Imported when the command runs already."""

import os
import platform
from collections.abc import Callable

from trainwatch.client.hook import Hook
from trainwatch.client.reporter import Reporter
from trainwatch.client.spool_file import Unsent
from trainwatch.companion.backlog import Backlog
from trainwatch.companion.keeping import Keeping
from trainwatch.companion.wanted import DEFAULT_URL, Wanted
from trainwatch.companion.words import counted, name_of, shown

_LONGEST_NAME = 200
_LONGEST_REASON = 2_000
_BACKLOG_WITHIN_S = 2.0

Rest = Callable[[], tuple[int, bytes] | None]
"""Returns what of the log was not sent: from which byte on, and what was printed."""


class Telling:
    """Reports a command to its server, and tells its user, on standard error, what cannot be reported."""

    def __init__(
        self, wanted: Wanted, on_stop: Callable[[], None], on_task: Callable[[int], None] = lambda _: None
    ) -> None:
        """Report what was `wanted`; `on_stop` is called when somebody wants it to stop, `on_task` with its id."""
        self._wanted = wanted
        self._on_task = on_task
        name = (wanted.name or name_of(wanted.argv))[:_LONGEST_NAME]
        self._keeping = Keeping(wanted.run_id, wanted.url, name)
        self._backlog = Backlog(wanted.url, wanted.key)
        identity = {
            "runId": wanted.run_id,
            "attempt": 1,  # so nothing that comes twice, or late, begins another
            "taskName": name,
        }
        self._reporter = Reporter(
            Hook(wanted.url, wanted.key),
            identity,
            on_task=self._taken,
            on_stop=on_stop,
            on_refusal=self._refused,
            on_absence=self._absent,
        )
        self.measure = self._reporter.measure
        self.say = self._reporter.say
        self.deliver = self._reporter.wait

    def another_hook(self) -> Hook:
        """Return a hook of the same server, for another thread."""
        return Hook(self._wanted.url, self._wanted.key)

    def begin(self) -> None:
        """Report that the command runs, where, and how it was called."""
        host = platform.node()[:_LONGEST_NAME]
        facts: dict[str, object] = {
            "status": "started",
            "message": f"started by trainwatch run on {host}: {shown(self._wanted.argv)}",
        }
        if self._wanted.gpu:
            facts |= {"gpuName": self._wanted.gpu[:_LONGEST_NAME], "host": host}
        self.say(**facts)
        self._reporter.start(self._keeping.keep)

    def end(
        self, status: str, reason: str, is_impatient: Callable[[], bool], patience_s: float, rest: Rest
    ) -> bool:
        """Report the end, wait until that is done, `patience_s` at most or until somebody is impatient, and say whether it is.

        If not, what waits is kept for another time, and with it the `rest` of the log.
        """
        self.say(status=status, message=reason[:_LONGEST_REASON])
        left = self._reporter.finish(patience_s, is_impatient)
        reports = self._reporter.unsent() if left else []
        why_not = self._keeping.finish(reports, rest() if left else None)
        if left:
            self._tell_of(Unsent(self._wanted.url, "", reports), why_not)
            return False
        self._backlog.finish(_BACKLOG_WITHIN_S, is_impatient)
        if self._backlog.refused:
            refused = counted(self._backlog.refused, "report")
            tell_user(f"{self._wanted.url} refused {refused} of earlier commands; they are set aside")
        if self._reporter.left_out:
            points = counted(self._reporter.left_out, "point")
            tell_user(f"{self._wanted.url} was away for long: {points} left out of the curves")
        return True

    def _tell_of(self, unsent: Unsent, why_not: str | None) -> None:
        """Tell the user what waits, and how it is sent."""
        hindrance = self._reporter.hindrance
        if hindrance is not None and hindrance.answers:
            what = f"{self._wanted.url} took no more at the end ({hindrance})"
        elif self._reporter.was_reached:
            what = f"{self._wanted.url} did not answer at the end"
        else:
            what = f"{self._wanted.url} never answered"
        if why_not is not None:
            reports = counted(len(unsent.reports), "report")
            tell_user(f"{what}; {reports} could not be kept for later either: {why_not}")
            return
        points = f"{counted(unsent.points, 'point')} and " if unsent.points else ""
        waits = "wait" if points else "waits"
        tell_user(
            f"{what}: {points}how the command ended {waits} for {_sync_command(self._wanted.url)},"
            " or the next trainwatch run"
        )

    def _taken(self, task_id: int) -> None:
        self._on_task(task_id)
        self._backlog.start()

    def _refused(self, why: str) -> None:
        tell_user(f"{self._wanted.url} takes no reports of this command, which runs on: {why}")

    def _absent(self, why: str) -> None:
        tell_user(
            f"{self._wanted.url} does not answer ({why}); the command runs on, and is reported once it does"
        )


def tell_user(text: str) -> None:
    """Print a line of our own where a command's complaints go."""
    line = "".join(each if each.isprintable() else "?" for each in f"trainwatch: {text}")
    os.write(2, f"{line}\n".encode(errors="replace"))


def tell_of_fault(error: BaseException | None) -> None:
    """Say that something of ours has failed, which the command has nothing to do with."""
    tell_user(f"a part of trainwatch failed, the command has not ({type(error).__name__}: {error})"[:500])


def _sync_command(url: str) -> str:
    is_usual = url == os.environ.get("TRAINWATCH_URL", DEFAULT_URL).rstrip("/")
    return "trainwatch sync" if is_usual else f"trainwatch sync --url {url}"
