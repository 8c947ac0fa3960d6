"""The task that a command is: what its server and its user are told. Imported when the command runs already."""

import os
import platform
from collections.abc import Callable

from trainwatch.client.hook import Hook
from trainwatch.client.reporter import Reporter
from trainwatch.companion.wanted import Wanted
from trainwatch.companion.words import name_of, shown

_LONGEST_NAME = 200
_LONGEST_REASON = 2_000


class Telling:
    """Reports a command to its server, and tells its user, on standard error, what cannot be reported."""

    def __init__(
        self, wanted: Wanted, on_stop: Callable[[], None], on_task: Callable[[int], None] = lambda _: None
    ) -> None:
        """Report what was `wanted`; `on_stop` is called when somebody wants it to stop, `on_task` with its id."""
        self._wanted = wanted
        identity = {
            "runId": wanted.run_id,
            "attempt": 1,  # so nothing that comes twice, or late, begins another
            "taskName": (wanted.name or name_of(wanted.argv))[:_LONGEST_NAME],
        }
        self._reporter = Reporter(
            Hook(wanted.url, wanted.key),
            identity,
            on_task=on_task,
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
        self._reporter.start()

    def end(self, status: str, reason: str, is_impatient: Callable[[], bool], patience_s: float) -> bool:
        """Report the end, wait until that is done, `patience_s` at most or until somebody is impatient, and say whether it is."""
        self.say(status=status, message=reason[:_LONGEST_REASON])
        left = self._reporter.finish(patience_s, is_impatient)
        if left and not self._reporter.was_reached:
            tell_user(f"nothing was reported, for {self._wanted.url} never answered")
        elif left:
            tell_user(f"{self._wanted.url} did not answer at the end: {_count(left, 'report')} not delivered")
        elif self._reporter.left_out:
            points = _count(self._reporter.left_out, "point")
            tell_user(f"{self._wanted.url} was away for long: {points} left out of the curves")
        return not left

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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s were' if number != 1 else ' was'}"
