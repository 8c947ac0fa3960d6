"""The audit log can be added to and read; whoever has a connection cannot rewrite it by any statement."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.plugins.doors import NOW
from trainwatch.domain.audit import CONSOLE, Actor, AuditEntry
from trainwatch.store.audit import list_audit
from trainwatch.store.engine import Database
from trainwatch.store.work import Work
from trainwatch.store.writer import run_once

ALICE = Actor("session", "alice", 3, "10.0.0.1")

REWRITES = {
    "update": "UPDATE audit_log SET action = 'nothing'",
    "update one": "UPDATE audit_log SET action = 'nothing' WHERE id = 1",
    "update of the same": "UPDATE audit_log SET action = action",
    "update of the id": "UPDATE audit_log SET id = id + 100",
    "delete": "DELETE FROM audit_log",
    "delete one": "DELETE FROM audit_log WHERE id = 1",
    "delete through a list": "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log)",
    "delete with a common table": "WITH old AS (SELECT 1 AS id) DELETE FROM audit_log WHERE id IN (SELECT id FROM old)",
    "upsert": (
        "INSERT INTO audit_log (id, created_at, actor_kind, actor_name, action, target)"
        " SELECT id, created_at, 'x', 'x', 'nothing', 'x' FROM audit_log WHERE id > 0"
        " ON CONFLICT (id) DO UPDATE SET action = 'nothing'"
    ),
}
OF_SQLITE = {
    "replace": (
        "REPLACE INTO audit_log (id, created_at, actor_kind, actor_name, action, target)"
        " SELECT id, created_at, 'x', 'x', 'nothing', 'x' FROM audit_log"
    ),
    "insert or replace": (
        "INSERT OR REPLACE INTO audit_log (id, created_at, actor_kind, actor_name, action, target)"
        " VALUES (1, '2026-01-01 00:00:00', 'x', 'x', 'nothing', 'x')"
    ),
    "update or replace": "UPDATE OR REPLACE audit_log SET id = 1",
    "update or ignore": "UPDATE OR IGNORE audit_log SET action = 'nothing'",
}
OF_POSTGRESQL = {
    "truncate": "TRUNCATE audit_log",
    "truncate with others": "TRUNCATE audit_log, notifications CASCADE",
    "update from": "UPDATE audit_log SET action = 'nothing' FROM audit_log AS other WHERE other.id = audit_log.id",
    "delete using": "DELETE FROM audit_log USING audit_log AS other WHERE other.id = audit_log.id",
    "delete within a query": "WITH gone AS (DELETE FROM audit_log RETURNING *) SELECT * FROM gone",
    "merge": (
        "MERGE INTO audit_log USING (SELECT 1 AS id) AS other ON audit_log.id = other.id WHEN MATCHED THEN DELETE"
    ),
}


def audit(database: Database, *lines: tuple[Actor, str, str]) -> None:
    """Add lines, as a command of the writer does."""

    def command(work: Work) -> None:
        for actor, action, target in lines:
            work.audit(actor, action, target)

    run_once(database, command, now=NOW)


def entries(database: Database, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
    """Return what is in the log, the newest first."""
    with database.reading() as connection:
        return list_audit(connection, before=before, limit=limit)


def test_a_line_says_who_did_what_to_what_and_when(database: Database):
    audit(database, (ALICE, "created key", "key 7 (größe 🐎), scope read"), (CONSOLE, "removed user", "bob"))
    newest, oldest = entries(database)
    assert (oldest.actor, oldest.action, oldest.target) == (
        ALICE,
        "created key",
        "key 7 (größe 🐎), scope read",
    )
    assert (newest.actor, newest.action, newest.target) == (CONSOLE, "removed user", "bob")
    assert newest.at == oldest.at == NOW
    assert newest.id > oldest.id


def test_the_log_is_read_backwards_page_by_page(database: Database):
    audit(database, *((CONSOLE, "did", str(number)) for number in range(25)))
    pages: list[list[AuditEntry]] = [entries(database, limit=10)]
    while len(pages[-1]) == 10:
        pages.append(entries(database, before=pages[-1][-1].id, limit=10))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [entry.target for page in pages for entry in page] == [
        str(number) for number in reversed(range(25))
    ]


def rewrite(connection: Connection, statement: str) -> None:
    """Carry `statement` out for good."""
    connection.execute(text(statement))
    connection.commit()


def assert_refused(database: Database, statement: str) -> None:
    """The log is the same after `statement`, which the database refused."""
    audit(database, (ALICE, "signed in", "with a link"), (ALICE, "signed out", "session 3"))
    before = entries(database)
    with database.writing() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            rewrite(connection, statement)
        connection.rollback()
    assert entries(database) == before


@pytest.mark.parametrize("statement", REWRITES)
def test_nothing_in_the_log_can_be_changed_or_taken_away(database: Database, statement: str):
    assert_refused(database, REWRITES[statement])


@pytest.mark.parametrize("statement", OF_SQLITE)
def test_nor_by_what_only_sqlite_can_say(sqlite_database: Database, statement: str):
    assert_refused(sqlite_database, OF_SQLITE[statement])


@pytest.mark.parametrize("statement", OF_POSTGRESQL)
def test_nor_by_what_only_postgresql_can_say(postgresql_database: Database, statement: str):
    assert_refused(postgresql_database, OF_POSTGRESQL[statement])


def test_a_refused_rewrite_takes_the_rest_of_its_transaction_along(sqlite_database: Database):
    audit(sqlite_database, (ALICE, "signed in", "with a link"))
    with sqlite_database.writing() as connection:
        connection.execute(
            text("INSERT INTO users (name, scope, created_at) VALUES ('eve', 'admin', '2026-01-01')")
        )
        with pytest.raises(DBAPIError):
            connection.execute(text("DELETE FROM audit_log"))
        connection.rollback()
    with sqlite_database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar_one() == 0


def test_an_id_is_not_given_twice(database: Database):
    audit(database, *((CONSOLE, "did", str(number)) for number in range(3)))
    ids = [entry.id for entry in entries(database)]
    audit(database, (CONSOLE, "did", "more"))
    assert entries(database)[0].id > max(ids)
    assert entries(database)[0].at - NOW == timedelta(0)
