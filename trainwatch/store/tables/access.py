"""Who may come in, and what they did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from trainwatch.store.columns import UtcDateTime
from trainwatch.store.tables.base import Record, table_of

_SCOPES = "('read', 'ingest', 'training', 'operate', 'admin')"


class InstanceRecord(Record, table=True):
    """The name of this database among others, in one row: what cookies are named for."""

    __tablename__ = "instance"
    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class UserRecord(Record, table=True):
    """A `domain.credential.User`; who was removed keeps the row, for sessions and audit log name it."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"scope IN {_SCOPES}", name="scope"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    scope: str
    password_hash: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SessionRecord(Record, table=True):
    """A `domain.credential.Session`: no cookie, only its digest."""

    __tablename__ = "sessions"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    digest: str = Field(unique=True)
    address: str | None = None
    browser: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKeyRecord(Record, table=True):
    """A `domain.credential.ApiKey`: no key, only its digest."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint(f"scope IN {_SCOPES}", name="scope"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    prefix: str = Field(unique=True)
    digest: str
    scope: str
    label: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: int | None = None


class AuditRecord(Record, table=True):
    """A `domain.audit.AuditEntry`. Rows are only ever added; the database itself refuses anything else.

    Plain numbers, not foreign keys: the record outlives what it is about.
    """

    __tablename__ = "audit_log"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    actor_kind: str
    actor_id: int | None = None
    actor_name: str
    address: str | None = None
    action: str
    target: str = Field(sa_type=Text)


INSTANCE = table_of(InstanceRecord)
USERS = table_of(UserRecord)
SESSIONS = table_of(SessionRecord)
API_KEYS = table_of(ApiKeyRecord)
AUDIT_LOG = table_of(AuditRecord)

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """\
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """\
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        # REPLACE deletes without asking the trigger above.
        """\
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        """\
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """\
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_refuse()""",
        """\
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()""",
    ),
}
"""What makes a database of each kind refuse to change the audit log."""
