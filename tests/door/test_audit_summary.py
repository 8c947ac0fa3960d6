"""Whatever strangers do without end takes a few lines of the audit log, and no number is lost."""

import pytest

from tests.plugins.office import Office, work_in
from trainwatch.domain.audit import Actor
from trainwatch.door.audit_summary import MOST_KINDS, AuditSummary
from trainwatch.errors import RateLimitedError, UnavailableError
from trainwatch.store.engine import Database


def stranger(address: str = "10.0.0.1") -> Actor:
    return Actor("stranger", "a stranger", None, address)


def test_the_first_is_written_at_once_and_the_others_by_number(database: Database):
    async def scene(office: Office) -> None:
        summary = AuditSummary(office.writer)
        first = summary.note(stranger(), "failed to sign in", "with a link")
        assert first is not None
        await first
        assert office.lines() == [("a stranger", "failed to sign in", "with a link")]
        for _ in range(1_234):
            assert summary.note(stranger(), "failed to sign in", "with a link") is None
        await summary.step()
        await summary.step()
        assert office.lines()[1:] == [("a stranger", "failed to sign in", "with a link, 1,234 times more")]

    work_in(database, scene)


def test_after_a_quiet_while_the_first_is_written_at_once_again(sqlite_database: Database):
    async def scene(office: Office) -> None:
        summary = AuditSummary(office.writer)
        for _ in range(2):
            written = summary.note(stranger(), "failed to sign in", "with a link")
            assert written is not None
            await written
            await summary.step()
        assert len(office.lines()) == 2

    work_in(sqlite_database, scene)


def test_a_crowd_of_addresses_is_told_together(sqlite_database: Database):
    async def scene(office: Office) -> None:
        summary = AuditSummary(office.writer)
        for number in range(5 * MOST_KINDS):
            written = summary.note(stranger(f"10.0.1.{number}"), "failed to sign in", "with a link")
            if written is not None:
                await written
        await summary.step()
        lines = office.lines()
        assert len(lines) == MOST_KINDS + 1
        assert lines[-1][2] == f"from other addresses, {4 * MOST_KINDS} times"

    work_in(sqlite_database, scene)


def test_of_ipv6_a_whole_network_is_one_address(sqlite_database: Database):
    async def scene(office: Office) -> None:
        summary = AuditSummary(office.writer)
        for number in range(9):
            summary.note(stranger(f"2001:db8::{number}"), "failed to sign in", "with a link")
        await summary.step()
        assert [target for _, _, target in office.lines()] == ["with a link", "with a link, 8 times more"]

    work_in(sqlite_database, scene)


def test_a_refusal_is_told_without_the_time_that_is_left(sqlite_database: Database):
    async def scene(office: Office) -> None:
        summary, cluster = AuditSummary(office.writer), Actor("key", "cluster", 3)
        for wait_s in (9, 8, 7):
            error = RateLimitedError(f"too many requests; try again in {wait_s} s", retry_after_s=wait_s)
            summary.note_refusal(cluster, error)
        await summary.step()
        assert office.lines() == [
            ("key 3 (cluster)", "was refused", "too many requests"),
            ("key 3 (cluster)", "was refused", "too many requests, 2 times more"),
        ]

    work_in(sqlite_database, scene)


def test_what_cannot_be_written_now_is_counted_until_it_can(sqlite_database: Database):
    async def scene(office: Office) -> None:
        summary, submit = AuditSummary(office.writer), office.writer.submit

        def refuse(command: object) -> None:
            raise UnavailableError("away")

        office.writer.submit = refuse  # type: ignore[method-assign, assignment]
        first = summary.note(stranger(), "failed to sign in", "with a link")
        assert first is not None
        await first
        summary.note(stranger(), "failed to sign in", "with a link")
        with pytest.raises(UnavailableError):
            await summary.step()
        office.writer.submit = submit  # type: ignore[method-assign]
        await summary.step()
        assert [target for _, _, target in office.lines()] == ["with a link, 2 times more"]

    work_in(sqlite_database, scene)
