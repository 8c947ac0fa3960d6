"""Logs that programs send: in order, once, and with gaps where something is missing."""

import asyncio
from pathlib import Path

import pytest

from trainwatch.domain.events import Event, LogGrown
from trainwatch.errors import UnavailableError
from trainwatch.runners.base import AttemptKey
from trainwatch.services.sent_logs import SentLogs, has_log
from trainwatch.supervisor.log_reader import Gap, LogReader
from trainwatch.supervisor.spec import LogLimits

KEY = AttemptKey(7, 1)


class Desk:
    def __init__(self, folder: Path, limits: LogLimits | None = None) -> None:
        self.attempts = folder / "attempts"
        self.told: list[Event] = []
        self.logs = SentLogs(self.attempts, limits or LogLimits(), self.told.extend)
        self.reader = LogReader(self.attempts / KEY.folder)

    def append(self, data: bytes, offset: int | None) -> int:
        return asyncio.run(self.logs.append(KEY, data, offset=offset))


def test_pieces_become_one_log_and_listeners_hear_how_long_it_is(tmp_path: Path):
    desk = Desk(tmp_path)
    assert not has_log(desk.attempts, 7, [1])
    assert [desk.append(b"one ", 0), desk.append(b"two", 4)] == [4, 7]
    assert desk.reader.read(0).data == b"one two"
    assert desk.told == [LogGrown(7, 1, 4), LogGrown(7, 1, 7)]
    assert has_log(desk.attempts, 7, [2, 1])
    assert not has_log(desk.attempts, 7, [2])


def test_a_piece_that_comes_again_is_appended_once(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.append(b"one ", 0)
    assert desk.append(b"one two", 0) == 7
    assert desk.append(b"ne t", 1) == 7
    assert desk.reader.read(0).data == b"one two"


def test_what_was_left_out_is_a_gap(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.append(b"one", 0)
    assert desk.append(b"ten", 10) == 13
    assert desk.reader.gaps() == (Gap(3, 10),)


def test_a_log_is_bounded_on_the_disk(tmp_path: Path):
    desk = Desk(tmp_path, LogLimits(segment_bytes=100, total_bytes=300))
    for number in range(50):
        desk.append(b"%09d\n" % number * 3, number * 30)
    kept = [each.stat().st_size for each in (desk.attempts / "7-1" / "log").iterdir()]
    assert sum(kept) <= 300
    assert desk.reader.size() == 1500


def test_what_says_not_where_it_stands_comes_next(tmp_path: Path):
    desk = Desk(tmp_path)
    assert [desk.append(b"one\n", None), desk.append(b"two\n", None)] == [4, 8]
    assert desk.append(b"two\nthree\n", 4) == 14


def test_nobody_else_may_look_into_a_folder_of_a_log(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.append(b"secret", 0)
    for folder in (desk.attempts, desk.attempts / "7-1"):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_no_folder_is_said(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.attempts.write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        desk.append(b"one", 0)
    assert desk.told == []
