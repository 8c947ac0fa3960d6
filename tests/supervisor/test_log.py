"""The log: bounded on disk, with offsets that tell what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.disk import file_limit
from trainwatch.supervisor.log_reader import Chunk, Gap, LogReader
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits


@pytest.fixture
def writer(tmp_path):
    """Makes a writer of the log that `reader` reads."""
    made = []

    def make(segment_bytes=10, total_bytes=1000):
        made.append(LogWriter(str(tmp_path / "log"), LogLimits(segment_bytes, total_bytes)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def reader(tmp_path):
    return LogReader(tmp_path)


def test_a_log_that_does_not_exist_yet_is_empty(reader):
    assert (reader.size(), reader.read(0), reader.tail(5), reader.gaps()) == (
        0,
        Chunk(0, b""),
        Chunk(0, b""),
        (),
    )


def test_what_was_written_is_read_across_segments(writer, reader):
    log = writer(segment_bytes=10)
    log.write(b"0123456789" * 5 + b"abc")
    assert (reader.size(), reader.gaps()) == (53, ())
    assert reader.read(0).data == b"0123456789" * 5 + b"abc"
    assert reader.read(8, 5) == Chunk(8, b"89012")
    assert reader.read(10, 10) == Chunk(10, b"0123456789")
    assert reader.read(53) == Chunk(53, b"")
    assert reader.read(99) == Chunk(99, b"")
    assert reader.read(-3, 2) == Chunk(0, b"01")


def test_the_log_can_be_followed(writer, reader):
    log = writer()
    seen = reader.read(0)
    heard = b""
    for part in (b"a", b"", b"bcdefghijkl", b"\n\n", b"m" * 35):
        log.write(part)
        seen = reader.read(seen.end)
        heard += seen.data
    assert heard == b"abcdefghijkl\n\n" + b"m" * 35


def test_the_first_segment_and_the_newest_ones_are_kept(writer, reader, tmp_path):
    log = writer(segment_bytes=10, total_bytes=40)
    log.write(b"".join(b"%09d\n" % line for line in range(20)))
    assert reader.size() == 200
    assert reader.gaps() == (Gap(10, 170),)
    assert reader.read(0) == Chunk(0, b"000000000\n")
    assert reader.read(10) == reader.read(99) == Chunk(170, b"000000017\n000000018\n000000019\n")
    assert sum(path.stat().st_size for path in (tmp_path / "log").iterdir()) == 40


def test_the_last_lines_come_first(writer, reader):
    writer().write(b"".join(b"line %d\n" % line for line in range(100)))
    assert reader.tail(2).data == b"line 98\nline 99\n"
    assert reader.tail(100) == reader.tail(1000) == reader.read(0)
    assert reader.tail(0).data == b""
    assert reader.tail(3, limit=10).data == b"8\nline 99\n"


def test_a_last_line_without_an_end_counts(writer, reader):
    writer().write(b"one\ntwo\nthr")
    assert reader.tail(1) == Chunk(8, b"thr")
    assert reader.tail(2).data == b"two\nthr"


def test_last_lines_do_not_reach_across_a_gap(writer, reader):
    writer(segment_bytes=10, total_bytes=20).write(b"".join(b"%04d\n" % line for line in range(20)))
    assert reader.tail(20) == Chunk(90, b"0018\n0019\n")


def test_what_the_disk_refuses_is_counted_and_shows_as_a_gap(writer, reader, monkeypatch):
    log = writer(segment_bytes=100)
    log.write(b"before")
    with file_limit(10):
        log.write(b"1234567890")
        log.write(b"gone at once, for the disk is asked again after a while only")
    assert log.lost == 6 + 60
    monkeypatch.setattr(log, "_retry_at", 0.0)
    log.write(b"after")
    assert (log.size, reader.size()) == (81, 81)
    assert reader.read(0) == Chunk(0, b"before1234")
    assert reader.gaps() == (Gap(10, 76),)
    assert reader.read(10) == Chunk(76, b"after")


def test_a_disk_that_refuses_costs_nothing_that_was_kept(writer, reader, tmp_path, monkeypatch):
    log = writer(segment_bytes=10, total_bytes=30)
    log.write(b"x" * 30)
    with file_limit(0):
        for _ in range(5):
            monkeypatch.setattr(log, "_retry_at", 0.0)
            log.write(b"y" * 10)
    assert log.lost == 50
    assert len(list((tmp_path / "log").iterdir())) == 3
    assert reader.read(0).data == b"x" * 30


def test_reading_goes_on_when_a_segment_is_deleted_from_beneath_it(writer, reader, tmp_path):
    writer(segment_bytes=10).write(b"0123456789" * 4)
    (tmp_path / "log" / f"{10:020d}").unlink()
    assert reader.read(0) == Chunk(0, b"0123456789")
    assert reader.read(10) == Chunk(20, b"0123456789" * 2)
    assert reader.gaps() == (Gap(10, 20),)


@given(
    parts=st.lists(st.binary(max_size=40), max_size=30),
    segment_bytes=st.integers(1, 30),
    segments=st.integers(2, 6),
    limit=st.integers(1, 50),
)
def test_reading_it_all_gives_what_is_kept_at_its_true_place(
    tmp_path_factory, parts, segment_bytes, segments, limit
):
    folder = tmp_path_factory.mktemp("log")
    log = LogWriter(str(folder / "log"), LogLimits(segment_bytes, segment_bytes * segments))
    for part in parts:
        log.write(part)
    log.close()
    whole = b"".join(parts)
    reader = LogReader(folder)
    assert reader.size() == log.size == len(whole)
    missing = {offset for gap in reader.gaps() for offset in range(gap.start, gap.end)}
    seen = {}
    chunk = reader.read(0, limit)
    while chunk.data:
        assert len(chunk.data) <= limit
        seen.update(zip(range(chunk.start, chunk.end), chunk.data, strict=True))
        chunk = reader.read(chunk.end, limit)
    assert seen == {offset: byte for offset, byte in enumerate(whole) if offset not in missing}
    assert len(seen) <= segment_bytes * segments


def test_a_log_is_gone_on_with_by_another_writer(writer, reader):
    for words in (b"one ", b"two ", b"three"):
        log = writer(segment_bytes=10)
        log.write(words)
        log.leave()
    assert reader.read(0) == Chunk(0, b"one two three")
    assert log.size == 13
    assert len(list((reader._directory).iterdir())) == 2


def test_a_writer_that_goes_on_keeps_to_the_limit(writer, reader):
    for number in range(12):
        log = writer(segment_bytes=10, total_bytes=30)
        log.write(b"%010d" % number)
        log.leave()
    assert reader.gaps() == (Gap(10, 100),)
    assert reader.read(0).data + reader.read(100).data == b"%010d%010d%010d" % (0, 10, 11)


def test_an_empty_segment_that_a_writer_left_is_used(writer, reader, tmp_path):
    writer().leave()
    (tmp_path / "log" / f"{0:020d}").touch()
    log = writer()
    log.write(b"all")
    assert (reader.read(0).data, log.size) == (b"all", 3)


def test_what_is_passed_over_is_missing(writer, reader):
    log = writer()
    log.write(b"abc")
    log.pass_over(2)
    log.pass_over(7)
    log.write(b"xyz")
    assert (reader.gaps(), reader.size()) == ((Gap(3, 7),), 10)


def test_gaps_cost_no_more_than_the_bytes_between_them(writer, reader, tmp_path):
    for number in range(40):
        log = writer(segment_bytes=100, total_bytes=300)
        log.pass_over(number * 1000)
        log.write(b"%010d" % number)
        log.leave()
    kept = sum(path.stat().st_size for path in (tmp_path / "log").iterdir())
    assert 200 <= kept <= 300
    assert reader.read(0).data == b"%010d" % 0
    assert reader.tail(1, limit=10).data == b"%010d" % 39


def test_a_log_of_nothing_but_gaps_has_a_bounded_number_of_files(writer, reader, tmp_path):
    log = writer(segment_bytes=640, total_bytes=1280)
    for number in range(300):
        log.pass_over(number * 1000)
        log.write(b"x")
    assert len(list((tmp_path / "log").iterdir())) <= 128
