"""Room on a full disk: for what is urgent alone, until there is room again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.plugins.disk import filled, small_disk
from trainwatch.domain.audit import CONSOLE
from trainwatch.errors import UnavailableError
from trainwatch.store.audit import list_audit
from trainwatch.store.ballast import BALLAST_BYTES, Ballast
from trainwatch.store.engine import Database, open_database
from trainwatch.store.schema import create_tables
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

MOST_WRITES = 500


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Database]:
    """A database on a disk of 32 MiB."""
    with small_disk(tmp_path / "disk", megabytes=32) as folder:
        database = open_database(folder / "trainwatch.db")
        create_tables(database)
        yield database
        database.close()


def on(database: Database, story: Callable[[Writer], Awaitable[None]]) -> None:
    """Tell `story` with a writer that holds room."""

    async def whole() -> None:
        ballast = Ballast(database.path)
        writer = Writer(
            database, clock=lambda: datetime.now(UTC), publish=lambda events: None, ballast=ballast
        )
        writer.start()
        try:
            await writer.submit(noted("began"))
            await story(writer)
        finally:
            await writer.close()

    asyncio.run(whole())


def noted(what: str) -> Callable[[Work], None]:
    return lambda work: work.audit(CONSOLE, what, "x" * 2_000)


def held(database: Database) -> int:
    assert database.path is not None
    path = database.path.with_name("ballast")
    return path.stat().st_size if path.exists() else 0


async def write_until_refused(writer: Writer) -> None:
    """Write what is not urgent until the disk takes no more of it."""
    for _ in range(MOST_WRITES):
        try:
            await writer.submit(noted("not urgent"))
        except UnavailableError:
            return
    raise AssertionError("the disk is never full")


def count(database: Database, action: str) -> int:
    with database.reading() as connection:
        return sum(entry.action == action for entry in list_audit(connection, limit=10_000))


def test_what_is_urgent_is_written_on_a_full_disk_and_nothing_else_takes_its_room(small: Database):
    async def story(writer: Writer) -> None:
        assert held(small) == BALLAST_BYTES
        assert small.path is not None
        with filled(small.path.parent):
            await write_until_refused(writer)
            assert held(small) == BALLAST_BYTES
            written = count(small, "not urgent")
            for _ in range(20):
                await writer.submit(noted("urgent"), urgent=True)
                with pytest.raises(UnavailableError):
                    await writer.submit(noted("not urgent"))
            assert held(small) == 0
            assert (count(small, "urgent"), count(small, "not urgent")) == (20, written)
        await writer.submit(noted("not urgent"))
        assert count(small, "not urgent") == written + 1
        assert held(small) == BALLAST_BYTES

    on(small, story)


def test_in_one_batch_the_urgent_is_written_and_the_rest_refused(small: Database):
    async def story(writer: Writer) -> None:
        assert small.path is not None
        with filled(small.path.parent):
            await write_until_refused(writer)
            waiting = [writer.submit(noted("late"), urgent=number % 2 == 0) for number in range(10)]
            done = await asyncio.gather(*waiting, return_exceptions=True)
            assert [isinstance(each, UnavailableError) for each in done] == [False, True] * 5
        assert count(small, "late") == 5

    on(small, story)


def test_a_database_that_is_not_on_our_disk_has_no_ballast(tmp_path: Path):
    ballast = Ballast(None)
    assert ballast.hold()
    assert not ballast.give_up()
