"""Reports of one task from a thread of its own: whoever reports never waits for a server."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing

from trainwatch.client.hook import Hook, RefusedError, Taken, UnreachedError
from trainwatch.client.spool import Entry, Spool

HEARTBEAT_S = 1.0
"""How often a task that has nothing to say is heard of, and hears whether it should stop."""

MEASURED_EVERY_S = 0.2
"""What is measured in between goes into one report."""

_LATE_AFTER_S = 3.0
_KEPT_EVERY_S = 1.0
_KEPT_SHARE = 0.05
"""How much of its time is spent on keeping what a server that is away has not taken."""
_LOOK_AGAIN_S = 0.05
_SHORTEST_REST_S = 0.1
_LONGEST_REST_S = 2.0


Report = dict[str, object]


class Reporter:
    """Delivers what it is told in order, each thing once in effect: again and again until the server has it.

    All callbacks are called on the reporter's thread:

    - `on_task` once, with the id of the task, as soon as a report was taken;
    - `on_stop` once, when somebody wants the task to stop;
    - `on_refusal` with the words of a server that will take no report at all;
    - `on_absence` with the reason why the first try reached nobody.

    It reads the clock itself, for it lives in programs that are not the server.
    """

    def __init__(
        self,
        hook: Hook,
        identity: Mapping[str, object],
        *,
        on_task: Callable[[int], None] = lambda _: None,
        on_stop: Callable[[], None],
        on_refusal: Callable[[str], None],
        on_absence: Callable[[str], None],
    ) -> None:
        """Report through `hook` what each report of the task has to say, `identity`, and more."""
        self._hook = hook
        self._identity = dict(identity)
        self._on_task = on_task
        self._on_stop = on_stop
        self._on_refusal = on_refusal
        self._on_absence = on_absence
        self._on_wait: Callable[[list[Report]], None] = lambda _: None
        self._spool = Spool()
        self._changed = threading.Condition()
        self._ends_at: float | None = None
        self._is_refused = False
        self._is_taken = False
        self._stops = False
        self._failures = 0
        self._earliest = 0.0  # before it nothing is sent
        self._sent_at = 0.0
        self._keep_at = 0.0  # before it nothing is told to whoever keeps what waits
        self._is_kept = False
        self.hindrance: UnreachedError | None = None
        """Why the server did not take the last report that it did not take, if there was one."""
        self.was_reached = False
        """Whether a server has ever answered."""
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self, on_wait: Callable[[list[Report]], None] = lambda _: None) -> None:
        """Begin to deliver.

        `on_wait` is called with what waits, every second or so while a server takes nothing, and with nothing once it
        has taken all.
        """
        self._on_wait = on_wait
        self._sent_at = time.monotonic()
        self._thread.start()

    def say(self, **facts: object) -> None:
        """Report a word: a state, a message."""
        with self._changed:
            if not self._is_refused:
                self._spool.say(facts, at=_now())
                self._changed.notify_all()

    def measure(self, facts: Mapping[str, object], metrics: Mapping[str, float], step: int) -> None:
        """Report how far the task is, and values at a step."""
        with self._changed:
            if not self._is_refused:
                was_empty = not self._spool
                self._spool.measure(facts, metrics, step=step, at=_now())
                if was_empty:
                    self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until everything so far is delivered, `seconds` at most, and say whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_refused or not self._spool, seconds)

    def finish(self, seconds: float, is_impatient: Callable[[], bool]) -> int:
        """Deliver what is left, for `seconds` or until somebody is impatient; return how many reports were not.

        A server that was never reached is tried once more.
        """
        with self._changed:
            self._ends_at = time.monotonic() + seconds
            self._earliest = 0.0
            failures = self._failures
            self._changed.notify_all()
        while not self.wait(_LOOK_AGAIN_S):
            is_hopeless = not self.was_reached and self._failures > failures
            if is_hopeless or time.monotonic() > self._ends_at or is_impatient():
                return len(self._spool)
        self._thread.join(_LOOK_AGAIN_S)
        return 0

    def unsent(self) -> list[Report]:
        """Return what waits, the oldest first, each as a report that may be sent at any time, and again."""
        with self._changed:
            return [self._late_report(entry) for entry in self._spool.entries()]

    @property
    def left_out(self) -> int:
        """How many points were too many to wait."""
        return self._spool.left_out

    def _run(self) -> None:
        with closing(self._hook):
            self._deliver()

    def _deliver(self) -> None:
        while True:
            with self._changed:
                is_due = self._wait_until_due()
                entry = self._spool.take()
            if not is_due:
                return
            try:
                taken = self._hook.post(self._report(entry))
            except UnreachedError as error:
                self._missed(error)
            except RefusedError as error:
                if self._refused(error, entry):
                    return
            else:
                self._delivered(entry, taken)

    def _wait_until_due(self) -> bool:
        """Sleep until something is to be sent, if only a sign of life; False when the end is delivered."""
        while True:
            if self._ends_at is not None and not self._spool:
                return False
            now = time.monotonic()
            oldest = self._spool.oldest()
            if oldest is None:
                due = self._sent_at + HEARTBEAT_S
            elif oldest.is_word or self._ends_at is not None:
                due = 0.0
            else:
                due = self._sent_at + MEASURED_EVERY_S
            due = max(due, self._earliest)
            if due <= now:
                return True
            self._changed.wait(due - now)

    def _report(self, entry: Entry | None) -> Report:
        if entry is None:
            return self._identity
        report = self._late_report(entry)
        if _now() - entry.at <= _LATE_AFTER_S:
            del report["timestamp"]
        if not entry.is_word:
            del report[
                "eventId"
            ]  # points find their steps again; a receipt of each report would cost more than it
        return report

    def _late_report(self, entry: Entry) -> Report:
        return {
            **self._identity,
            "eventId": f"trainwatch-run-{entry.number}",
            "timestamp": entry.at,
            **entry.fields(),
        }

    def _delivered(self, entry: Entry | None, taken: Taken) -> None:
        if not self._is_taken:
            self._is_taken = True
            self._on_task(taken.task_id)
        self.was_reached = True
        self._failures = 0
        with self._changed:
            self._sent_at = time.monotonic()
            self._earliest = 0.0
            if entry is not None:
                self._spool.drop(entry)
            is_all = not self._spool
            self._changed.notify_all()
        if is_all and self._is_kept:
            self._is_kept = False
            self._on_wait([])
        if taken.stops and not self._stops:
            self._stops = True
            self._on_stop()

    def _missed(self, error: UnreachedError) -> None:
        self.was_reached = self.was_reached or error.answers
        if not self.was_reached and not self._failures:
            self._on_absence(str(error))
        rest_s = min(_LONGEST_REST_S, _SHORTEST_REST_S * 2 ** min(self._failures, 10))
        self._failures += 1
        with self._changed:
            self._sent_at = time.monotonic()
            if self._ends_at is not None:
                rest_s = _SHORTEST_REST_S
            self._earliest = self._sent_at + max(rest_s, error.after_s)
        self.hindrance = error
        self._keep()

    def _keep(self) -> None:
        """Tell what waits to whoever keeps it, if that is due; it may take long."""
        began = time.monotonic()
        if began < self._keep_at:
            return
        self._is_kept = True
        self._on_wait(self.unsent())
        took_s = time.monotonic() - began
        self._keep_at = began + max(_KEPT_EVERY_S, took_s / _KEPT_SHARE)

    def _refused(self, error: RefusedError, entry: Entry | None) -> bool:
        """Leave out what was refused, and say whether that is all there will ever be."""
        with self._changed:
            self._sent_at = time.monotonic()
            self._is_refused = error.for_good
            if entry is not None:
                self._spool.drop(entry)
            self._changed.notify_all()
        if error.for_good:
            self._on_wait([])
            self._on_refusal(str(error))
        return error.for_good


def _now() -> float:
    return time.time()  # noqa: TID251 - a program of its own: this is its clock
