"""Reports that were taken, by the event id that their sender gave them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from trainwatch.store.tables import REPORT_RECEIPTS


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the report with this event id was answered."""

    event_id: str
    task_id: int | None
    notification_id: int | None
    created_at: datetime

    def row(self) -> dict[str, Any]:
        """Return the columns."""
        return asdict(self)


def find_receipt(connection: Connection, event_id: str) -> Receipt | None:
    """Return the receipt of the report with that event id."""
    query = select(REPORT_RECEIPTS).where(REPORT_RECEIPTS.c.event_id == event_id)
    row = connection.execute(query).first()
    return None if row is None else Receipt(row.event_id, row.task_id, row.notification_id, row.created_at)


def forget_receipts(connection: Connection, *, before: datetime) -> int:
    """Delete the receipts that are older; return how many. The writer's connection only."""
    result = connection.execute(delete(REPORT_RECEIPTS).where(REPORT_RECEIPTS.c.created_at < before))
    return result.rowcount
