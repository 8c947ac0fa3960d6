"""Commands as transactions: many together, or each apart where one of them may break what the others do."""

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from trainwatch.domain.events import Event
from trainwatch.errors import ConflictError, TrainwatchError, UnavailableError
from trainwatch.store.engine import reason_of
from trainwatch.store.intake import Order
from trainwatch.store.work import Work

NEEDED_S = 10.0
"""How long after a command that broke each one is carried out within a savepoint."""
_MOST_DEFECTS = 100
_VALUES = re.compile(r"\(.*?\)|\d+|DETAIL.*")

log = structlog.get_logger()

CarryOut = Callable[[Work, Sequence[Order], datetime], list[Event]]


def carry_out_together(work: Work, orders: Sequence[Order], now: datetime) -> list[Event]:
    """Carry out `orders` in one transaction and return what to publish. Whatever is not refused breaks all of it."""
    work.begin(now)
    for order in orders:
        order.error = None
        try:
            order.result = order.command(work)
        except TrainwatchError as error:
            order.error = error
    return work.commit()


class Isolation:
    """Carries out commands in one transaction, each within a savepoint, so that a defect is the defect of one."""

    def __init__(self, on_defect: Callable[[], None]) -> None:
        """Start with no known defect; `on_defect` is called for each command that the database refused, or that broke."""
        self._on_defect = on_defect
        self._told: set[str] = set()
        self._needed_until = 0.0

    @property
    def is_needed(self) -> bool:
        """Whether a command broke a moment ago, so that another one may."""
        return time.monotonic() < self._needed_until

    def carry_out(self, work: Work, orders: Sequence[Order], now: datetime) -> list[Event]:
        """Carry out `orders` and return what to publish.

        Raises:
            DBAPIError: If it is no command's fault: a full disk, a database that is gone.
        """
        work.begin(now)
        events: list[Event] = []
        for order in orders:
            order.error = None
            try:
                with work.apart():
                    order.result = order.command(work)
                    events += work.flush()
            except TrainwatchError as error:
                order.error = error
            except Exception as error:
                if not is_of_a_command(error):
                    raise
                order.error = self._refusal_of(error)
        return events + work.commit()

    def _refusal_of(self, error: Exception) -> TrainwatchError:
        """Return what the sender of a command that broke is answered; the log is told once of each kind."""
        self._needed_until = time.monotonic() + NEEDED_S
        self._on_defect()
        kind = f"{type(error).__name__}: {_VALUES.sub('', reason_of(error))}"
        if kind not in self._told and len(self._told) < _MOST_DEFECTS:
            self._told.add(kind)
            log.error("command_defective", exc_info=error)
        if isinstance(error, IntegrityError | DataError):
            return ConflictError(
                "this contradicts what is kept already, or cannot be kept; nothing was changed, and"
                " to send it again will not help"
            )
        if isinstance(error, DBAPIError):
            return UnavailableError("this could not be saved; nothing was changed, send it again")
        return TrainwatchError("this is a mistake of the server; nothing was changed, and its log says more")


def is_of_a_command(error: Exception) -> bool:
    """Whether a transaction failed by what one of its commands holds, not by what happened to the database."""
    if isinstance(error, DBAPIError):
        return isinstance(error, IntegrityError | DataError)
    return not isinstance(error, OSError | MemoryError)
