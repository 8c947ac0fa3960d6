"""The audit log: rows are added and read, and nothing else."""

from typing import Any

from sqlalchemy import Connection, Row, select

from trainwatch.domain.audit import Actor, AuditEntry
from trainwatch.store.tables import AUDIT_LOG


def list_audit(connection: Connection, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
    """Return the newest entries, the newest first; with `before` those older than the entry of that id."""
    query = select(AUDIT_LOG).order_by(AUDIT_LOG.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AUDIT_LOG.c.id < before)
    return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[Any]) -> AuditEntry:
    actor = Actor(row.actor_kind, row.actor_name, row.actor_id, row.address)
    return AuditEntry(id=row.id, at=row.created_at, actor=actor, action=row.action, target=row.target)
