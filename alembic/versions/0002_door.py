"""Who may come in: users, sessions, keys, and the audit log.

Revision ID: 0002
Revises: 0001
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = DateTime(timezone=True).with_variant(String(26), "sqlite")
SCOPES = "('read', 'ingest', 'training', 'operate', 'admin')"

APPEND_ONLY = {
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


def upgrade() -> None:
    op.create_table(
        "instance",
        Column("id", String(), nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_instance"),
    )
    _create_users()
    _create_keys()
    _create_audit_log()


def downgrade() -> None:
    for table in ("audit_log", "api_keys", "sessions", "users", "instance"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_log_refuse()")


def _create_users() -> None:
    op.create_table(
        "users",
        Column("id", Integer(), nullable=False),
        Column("name", String(), nullable=False),
        Column("scope", String(), nullable=False),
        Column("password_hash", String()),
        Column("created_at", TIME, nullable=False),
        Column("removed_at", TIME),
        CheckConstraint(f"scope IN {SCOPES}", name="scope"),
        PrimaryKeyConstraint("id", name="pk_users"),
        UniqueConstraint("name", name="uq_users_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        Column("id", Integer(), nullable=False),
        Column("user_id", Integer(), nullable=False),
        Column("digest", String(), nullable=False),
        Column("address", String()),
        Column("browser", String()),
        Column("created_at", TIME, nullable=False),
        Column("last_seen_at", TIME, nullable=False),
        Column("expires_at", TIME, nullable=False),
        Column("revoked_at", TIME),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_sessions"),
        UniqueConstraint("digest", name="uq_sessions_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _create_keys() -> None:
    op.create_table(
        "api_keys",
        Column("id", Integer(), nullable=False),
        Column("prefix", String(), nullable=False),
        Column("digest", String(), nullable=False),
        Column("scope", String(), nullable=False),
        Column("label", String(), nullable=False),
        Column("created_at", TIME, nullable=False),
        Column("created_by", String(), nullable=False),
        Column("expires_at", TIME),
        Column("last_used_at", TIME),
        Column("revoked_at", TIME),
        CheckConstraint(f"scope IN {SCOPES}", name="scope"),
        PrimaryKeyConstraint("id", name="pk_api_keys"),
        UniqueConstraint("prefix", name="uq_api_keys_prefix"),
        sqlite_autoincrement=True,
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        Column("id", Integer(), nullable=False),
        Column("created_at", TIME, nullable=False),
        Column("actor_kind", String(), nullable=False),
        Column("actor_id", Integer()),
        Column("actor_name", String(), nullable=False),
        Column("address", String()),
        Column("action", String(), nullable=False),
        Column("target", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_audit_log"),
        sqlite_autoincrement=True,
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
