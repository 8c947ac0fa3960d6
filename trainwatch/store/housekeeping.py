"""What the writer does for itself, in transactions of its own: a failure here costs nobody's report."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from trainwatch.domain.events import Event
from trainwatch.errors import UnavailableError
from trainwatch.store.clock import ServerClock
from trainwatch.store.engine import reason_of
from trainwatch.store.work import Work

RECOVER_EVERY_S = 1.0
"""How often at most what a failed transaction let be forgotten is taken up while it never gets quiet."""
SWEEP_REST = 9
"""How many times as long as a slice of a deleted task took the next one waits, while reports come."""

log = structlog.get_logger()

Clock = Callable[[], datetime]
Retime = Callable[[Work, timedelta], None]


class Housekeeping:
    """Follows the clock, takes up what was forgotten, reduces points, takes deleted tasks away. For one thread."""

    def __init__(
        self,
        *,
        clock: Clock,
        retime: Retime | None,
        publish: Callable[[Sequence[Event]], None],
        roll_back: Callable[[Work, Exception], None],
    ) -> None:
        """Go by `clock`; see `Writer` for `retime`. `publish` takes what a transaction changed."""
        self._clock = clock
        self._retime = retime
        self._publish = publish
        self._roll_back = roll_back
        self._sweep_at = 0.0
        self._recover_at = 0.0
        self.must_recover = False
        """Whether a transaction has failed, so that what is derived may lag behind."""

    def begin(self, work: Work) -> None:
        """Take up what an earlier server left; move the times if the clock was ahead of this one's before."""
        self._do(work, Work.recover)
        self._move_times(work, timedelta())

    def follow_clock(self, work: Work) -> None:
        """Move the times if somebody has set the machine's clock."""
        if isinstance(self._clock, ServerClock) and (jump := self._clock.jump):
            self._move_times(work, jump)

    def in_quiet(self, work: Work) -> None:
        """While nothing comes, bring the reductions up to date."""
        self._recover(work)
        self._do(work, Work.reduce)

    def sweep(self, work: Work) -> bool:
        """Take a slice of a deleted task away; return whether there was one and that went well."""
        return work.has_remains and self._do(work, Work.sweep)

    def in_between(self, work: Work) -> None:
        """Where it never gets quiet, take deleted tasks away too, in a tenth of the time, and recover now and then."""
        if self.must_recover and time.monotonic() >= self._recover_at:
            self._recover_at = time.monotonic() + RECOVER_EVERY_S
            self._recover(work)
        if time.monotonic() >= self._sweep_at:
            began = time.monotonic()
            self.sweep(work)
            ended = time.monotonic()
            self._sweep_at = ended + SWEEP_REST * (ended - began)

    def _recover(self, work: Work) -> None:
        if self.must_recover:
            self.must_recover = not self._do(work, Work.recover)

    def _move_times(self, work: Work, jump: timedelta) -> None:
        """Move what is counted from the time of day; the clock itself goes on as before until that is durable."""
        if self._retime is None:
            return
        try:
            work.begin(self._clock())
            self._retime(work, jump)
            events = work.commit()
        except Exception as error:  # noqa: BLE001 - it is tried again before the next command
            log_failure("retiming_failed", error)
            self._roll_back(work, error)
            return
        if isinstance(self._clock, ServerClock) and jump:
            self._clock.settle(jump)
            log.warning("clock_set", seconds=round(jump.total_seconds(), 1))
        self._publish(events)

    def _do(self, work: Work, step: Callable[[Work], None]) -> bool:
        """Carry out a step and return whether that went well: what it changes is derived, or hidden already."""
        try:
            work.begin(self._clock())
            step(work)
            work.commit()
        except Exception as error:  # noqa: BLE001 - see above
            log_failure("tidying_failed", error, step=step.__name__)
            self._roll_back(work, error)
            return False
        return True


def log_failure(event: str, error: Exception, **facts: str) -> None:
    """Log `error`, in one line where it is no fault of ours: a full disk, a database that is gone."""
    if isinstance(error, OperationalError | UnavailableError):
        log.error(event, reason=reason_of(error), **facts)
    else:
        log.error(event, exc_info=error, **facts)
