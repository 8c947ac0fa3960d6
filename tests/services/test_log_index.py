"""Any line of a log is found again as a terminal would show it, wherever one begins to read."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwatch.domain.terminal import Screen
from trainwatch.domain.terminal_line import Line
from trainwatch.services.log_index import BLOCK, LogIndex
from trainwatch.supervisor.log_reader import LogReader
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits

LONG = 20 * BLOCK


def plain(dice: random.Random) -> bytes:
    return b"x" * dice.randrange(200) + b"\n"


def coloured(dice: random.Random) -> bytes:
    return b"\x1b[32mINFO\x1b[0m step %d \x1b[1mloss\x1b[0m\n" % dice.randrange(10**6)


def one_bar(dice: random.Random) -> bytes:
    return b"\r%d%%|###    | 10.0it/s" % dice.randrange(10**9) + b"\n" * (dice.random() < 0.0002)


def bars_below_each_other(dice: random.Random) -> bytes:
    return b"\n\r%d%%|###\x1b[A" % dice.randrange(10**6) + b"\nepoch done\n" * (dice.random() < 0.001)


def anything(dice: random.Random) -> bytes:
    kind = dice.choice((plain, plain, plain, coloured, one_bar))
    return b"\x1b[3Aup\x1b[3B\n" if dice.random() < 0.001 else kind(dice)


KINDS: list[Callable[[random.Random], bytes]] = [plain, coloured, one_bar, bars_below_each_other, anything]


def printed_by(kind: Callable[[random.Random], bytes]) -> bytes:
    dice, pieces, size = random.Random(7), list[bytes](), 0
    while size < LONG:
        pieces.append(kind(dice))
        size += len(pieces[-1])
    return b"".join(pieces)


def write(folder: Path, data: bytes, *, total: int = 256 << 20) -> LogWriter:
    writer = LogWriter(str(folder / "log"), LogLimits(segment_bytes=8 * BLOCK, total_bytes=total))
    writer.write(data)
    return writer


def indexed(folder: Path) -> LogIndex:
    index = LogIndex(LogReader(folder))
    assert index.extend(deadline=time.monotonic() + 60)
    return index


def shown(data: bytes) -> dict[int, Line]:
    screen, lines = Screen(), dict[int, Line]()
    for at in range(0, len(data), BLOCK):
        lines |= {line.number: line for line in screen.feed(data[at : at + BLOCK])}
    return lines


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_belongs_to_one_block_and_reads_as_on_a_terminal(tmp_path: Path, kind):
    data = printed_by(kind)
    write(tmp_path, data).close()
    index = indexed(tmp_path)
    lines = [line for which in range(len(index.blocks)) for line in index.lines_of(which)]
    expected = shown(data)
    assert len(lines) == len(expected)
    assert {line.number: line for line in lines} == expected
    assert len(index.blocks) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_since_any_moment_brings_a_reader_up_to_date(tmp_path: Path, kind):
    data = printed_by(kind)
    write(tmp_path, data).close()
    index = indexed(tmp_path)
    dice = random.Random(3)
    expected = shown(data)
    for offset in [len(data), *(dice.randrange(len(data) - 2 * BLOCK, len(data)) for _ in range(4))]:
        known = shown(data[:offset])
        told = index.told_since(offset)
        assert {**known, **{line.number: line for line in told.lines}} == expected
        assert (told.end, told.total) == (len(data), max(expected) + 1)


@pytest.mark.parametrize("kind", [plain, bars_below_each_other])
def test_an_index_that_grew_with_its_log_is_that_of_the_whole(tmp_path: Path, kind):
    data, at = printed_by(kind), 0
    index = LogIndex(LogReader(tmp_path))
    writer = write(tmp_path, b"")
    while at < len(data):
        writer.write(data[at : at + 12_345])
        at += 12_345
        assert index.extend(deadline=time.monotonic() + 60)
    writer.close()
    whole = indexed(tmp_path)
    assert [block[:3] for block in index.blocks] == [block[:3] for block in whole.blocks]


def test_an_empty_log_and_one_that_is_not_there_have_no_lines(tmp_path: Path):
    index = indexed(tmp_path)
    assert index.last_block() == ([], 0, 0, None)
    assert index.lines_of(0) == []
    assert index.missing() == []


def test_a_long_log_is_taken_in_by_and_by(tmp_path: Path):
    data = printed_by(plain)
    write(tmp_path, data).close()
    index = LogIndex(LogReader(tmp_path))
    assert not index.extend(deadline=time.monotonic() - 1)
    assert index.extend(deadline=time.monotonic() + 60)
    assert index.last_block().total == data.count(b"\n")


def test_lines_that_went_while_it_was_watched_keep_their_numbers(tmp_path: Path):
    lines = [b"line %d of a log that is longer than what is kept of it\n" % n for n in range(60_000)]
    index = LogIndex(LogReader(tmp_path))
    writer = write(tmp_path, b"", total=24 * BLOCK)
    for at in range(0, len(lines), 500):
        writer.write(b"".join(lines[at : at + 500]))
        assert index.extend(deadline=time.monotonic() + 60)
    writer.close()
    last = index.last_block()
    assert last.total == len(lines)
    assert last.lines[-1].text == lines[-1].decode().rstrip()
    assert last.lines[-1].number == len(lines) - 1
    (missing,) = index.missing()
    assert 0 < missing.first < missing.end < len(lines)
    assert index.lines_of(0)[5].text == lines[5].decode().rstrip()
    behind = index.lines_of(index.owner_of(missing.end + 1000))[-1]
    assert behind.text == lines[behind.number].decode().rstrip()


def test_what_was_gone_before_anybody_looked_counts_as_one_line(tmp_path: Path):
    lines = [b"line %d of a log that is longer than what is kept of it\n" % n for n in range(60_000)]
    write(tmp_path, b"".join(lines), total=24 * BLOCK).close()
    index = indexed(tmp_path)
    (missing,) = index.missing()
    assert missing.end == missing.first + 1
    assert missing.size == sum(gap.end - gap.start for gap in index.reader.gaps())
    found = [line for which in range(len(index.blocks)) for line in index.lines_of(which)]
    assert [line.number for line in found] == sorted({line.number for line in found})
    assert missing.first not in {line.number for line in found}
    assert found[-1].text == lines[-1].decode().rstrip()
    assert index.last_block().total == found[-1].number + 1
    assert index.numbering != LogIndex(LogReader(tmp_path / "another")).numbering


def test_the_memory_that_it_takes_is_a_small_part_of_the_log(tmp_path: Path):
    write(tmp_path, printed_by(plain)).close()
    assert indexed(tmp_path).weight < LONG / 100
