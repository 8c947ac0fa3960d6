"""Logs that programs send: in order, once, and with gaps where something is missing."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.plugins.disk import file_limit
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.events import Event, LogGrown
from trainwatch.domain.job import JobSpec
from trainwatch.errors import BadRequestError, NotFoundError, UnavailableError
from trainwatch.runners.base import AttemptKey
from trainwatch.services.edit import delete_task
from trainwatch.services.jobs import create_job
from trainwatch.services.sent_logs import MOST_MISSING_BYTES, MOST_WAITING, SentLogs, has_log
from trainwatch.store.engine import Database
from trainwatch.store.writer import run_once
from trainwatch.supervisor.log_reader import Gap, LogReader
from trainwatch.supervisor.spec import LogLimits

KEY = AttemptKey(1, 1)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SPEC = JobSpec(name="task", model_name="m", epochs=1)


class Desk:
    """Keeps the log of one task, which is in `database`."""

    def __init__(self, folder: Path, database: Database, limits: LogLimits | None = None) -> None:
        self.database = database
        self.attempts = folder / "attempts"
        self.told: list[Event] = []
        self.logs = SentLogs(database, self.attempts, limits or LogLimits(), self.told.extend)
        assert run_once(database, lambda work: create_job(work, CONSOLE, SPEC), now=NOW).id == KEY.task_id
        self.reader = LogReader(self.attempts / KEY.folder)

    def delete(self) -> None:
        run_once(self.database, lambda work: delete_task(work, CONSOLE, KEY.task_id), now=NOW)

    def append(self, data: bytes, offset: int | None) -> int:
        return asyncio.run(self.logs.append(KEY, data, offset=offset))


def test_pieces_become_one_log_and_listeners_hear_how_long_it_is(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    assert not has_log(desk.attempts, 1, [1])
    assert [desk.append(b"one ", 0), desk.append(b"two", 4)] == [4, 7]
    assert desk.reader.read(0).data == b"one two"
    assert desk.told == [LogGrown(1, 1, 4), LogGrown(1, 1, 7)]
    assert has_log(desk.attempts, 1, [2, 1])
    assert not has_log(desk.attempts, 1, [2])


def test_a_piece_that_comes_again_is_appended_once(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    desk.append(b"one ", 0)
    assert desk.append(b"one two", 0) == 7
    assert desk.append(b"ne t", 1) == 7
    assert desk.reader.read(0).data == b"one two"


def test_what_was_left_out_is_a_gap(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    desk.append(b"one", 0)
    assert desk.append(b"ten", 10) == 13
    assert desk.reader.gaps() == (Gap(3, 10),)


def test_a_log_is_bounded_on_the_disk(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database, LogLimits(segment_bytes=100, total_bytes=300))
    for number in range(50):
        desk.append(b"%09d\n" % number * 3, number * 30)
    kept = [each.stat().st_size for each in (desk.attempts / "1-1" / "log").iterdir()]
    assert sum(kept) <= 300
    assert desk.reader.size() == 1500


def test_what_says_not_where_it_stands_comes_next(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    assert [desk.append(b"one\n", None), desk.append(b"two\n", None)] == [4, 8]
    assert desk.append(b"two\nthree\n", 4) == 14


def test_nobody_else_may_look_into_a_folder_of_a_log(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    desk.append(b"secret", 0)
    for folder in (desk.attempts, desk.attempts / "1-1"):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_no_folder_is_said(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    desk.attempts.write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        desk.append(b"one", 0)
    assert desk.told == []


def test_what_a_full_disk_refuses_is_said_and_appended_when_it_comes_again(
    tmp_path: Path, sqlite_database: Database
):
    desk = Desk(tmp_path, sqlite_database)
    desk.append(b"one ", 0)
    with file_limit(6), pytest.raises(UnavailableError, match="does not take"):
        desk.append(b"two three", 4)
    assert desk.told == [LogGrown(1, 1, 4)]
    assert desk.reader.read(0).data == b"one tw"
    assert desk.append(b"two three", 4) == 13
    assert (desk.reader.read(0).data, desk.reader.gaps()) == (b"one two three", ())


def test_an_offset_that_cannot_be_is_refused_and_spoils_nothing(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)
    desk.append(b"one ", 0)
    for wrong in (4 + MOST_MISSING_BYTES + 1, 2**63 - 1):
        with pytest.raises(BadRequestError, match="near 4") as refused:
            desk.append(b"two", wrong)
        assert refused.value.field == "offset"
    assert desk.append(b"two", 4) == 7
    assert desk.append(b"far", 7 + MOST_MISSING_BYTES) == 10 + MOST_MISSING_BYTES


def test_a_task_that_is_deleted_while_its_piece_waits_leaves_nothing(
    tmp_path: Path, sqlite_database: Database
):
    desk = Desk(tmp_path, sqlite_database)
    desk.delete()
    with pytest.raises(NotFoundError):
        desk.append(b"late", 0)
    assert list(desk.attempts.iterdir()) == []
    assert desk.told == []


def test_no_more_wait_for_a_slow_disk_than_there_is_memory_for(tmp_path: Path, sqlite_database: Database):
    desk = Desk(tmp_path, sqlite_database)

    async def story() -> list[int | BaseException]:
        pieces = (desk.logs.append(KEY, b"x", offset=n) for n in range(MOST_WAITING + 5))
        return await asyncio.gather(*pieces, return_exceptions=True)

    answers = asyncio.run(story())
    assert answers[:MOST_WAITING] == list(range(1, MOST_WAITING + 1))
    assert all(isinstance(each, UnavailableError) for each in answers[MOST_WAITING:])
    assert desk.append(b"y", MOST_WAITING) == MOST_WAITING + 1
