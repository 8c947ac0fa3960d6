"""Reports that were taken, by the event ids that their senders gave them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from trainwatch.store.bulk import Bulk
from trainwatch.store.engine import upsert
from trainwatch.store.tables import REPORT_RECEIPTS

_KEY = ("event_id", "scope")
_COLUMNS = (*_KEY, "task_id", "notification_id", "content", "created_at")
_FIND = select(*(REPORT_RECEIPTS.c[name] for name in _COLUMNS)).where(
    REPORT_RECEIPTS.c.event_id == bindparam("event"),
    or_(REPORT_RECEIPTS.c.scope == bindparam("one"), REPORT_RECEIPTS.c.scope == bindparam("other")),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the report with this event id was answered, within one of the scopes that it counts in.

    `content` is a digest of what it said; None where that is not known.
    """

    event_id: str
    scope: str
    task_id: int | None
    notification_id: int | None
    content: str | None
    created_at: datetime


class ReceiptBook:
    """The receipts that a transaction gives. Belongs to the writer's thread."""

    def __init__(self, connection: Connection) -> None:
        """Write on `connection`."""
        self._connection = connection
        dialect = connection.dialect.name
        statement = upsert(dialect, REPORT_RECEIPTS, key=_KEY, replace=_COLUMNS[len(_KEY) :])
        self._insert = Bulk(statement, dialect, _COLUMNS)
        self._skipped = timedelta()
        self.settle()

    def settle(self) -> None:
        """Forget what was staged; it is committed, or undone."""
        self._staged: dict[tuple[str, str], Receipt] = {}

    def find(self, event_id: str, scope: str, other: str) -> dict[str, Receipt]:
        """Return the receipts that reports with that event id got within two scopes, by the scope."""
        staged = [self._staged.get((event_id, each)) for each in (scope, other)]
        found = [*find_receipts(self._connection, event_id, scope, other), *filter(None, staged)]
        return {receipt.scope: receipt for receipt in found}

    def keep(self, receipts: Iterable[Receipt]) -> None:
        """Stage receipts; one of the same event id and scope is replaced."""
        for receipt in receipts:
            self._staged[receipt.event_id, receipt.scope] = receipt

    def take_as_of(self, now: datetime, *, skipped: timedelta) -> None:
        """Let none be of a time after `now`, to which the clock was set; time that it skipped makes none old."""
        self._skipped = max(self._skipped, self._skipped + skipped)
        columns = REPORT_RECEIPTS.c
        self._connection.execute(
            update(REPORT_RECEIPTS).where(columns.created_at > now).values(created_at=now)
        )

    def forget(self, *, before: datetime) -> int:
        """Delete the receipts that are older; return how many."""
        return forget_receipts(self._connection, before=before - self._skipped)

    def write(self) -> None:
        """Write what is staged."""
        self._insert.run(self._connection, [self._row(receipt) for receipt in self._staged.values()])

    def _row(self, receipt: Receipt) -> tuple[Any, ...]:
        *facts, created_at = (getattr(receipt, name) for name in _COLUMNS)
        return (*facts, self._insert.time(created_at))


def find_receipts(connection: Connection, event_id: str, scope: str, other: str) -> list[Receipt]:
    """Return the receipts that reports with that event id got within two scopes, which may be one."""
    rows = connection.execute(_FIND, {"event": event_id, "one": scope, "other": other})
    return [Receipt(*row) for row in rows]


def forget_receipts(connection: Connection, *, before: datetime) -> int:
    """Delete the receipts that are older; return how many. The writer's connection only."""
    result = connection.execute(delete(REPORT_RECEIPTS).where(REPORT_RECEIPTS.c.created_at < before))
    return result.rowcount
