"""Lines for people, as they were shown."""

from sqlalchemy import Connection, select

from trainwatch.domain.events import Notified
from trainwatch.store.tables import NOTIFICATIONS


def list_notifications(connection: Connection, *, limit: int, after: int | None = None) -> list[Notified]:
    """Return the newest notifications, the newest first; with `after`, those with a greater id only."""
    columns = NOTIFICATIONS.c
    query = select(
        columns.id, columns.level, columns.title, columns.message, columns.task_id, columns.created_at
    )
    if after is not None:
        query = query.where(columns.id > after)
    return [Notified(*row) for row in connection.execute(query.order_by(columns.id.desc()).limit(limit))]
