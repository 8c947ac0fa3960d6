"""A block of lines says what its lines say one by one, though most of them are never looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.printed.observed import OUTPUTS
from tests.domain.printed.test_reader_properties import LINES, torn
from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader
from trainwatch.domain.printed.rules import RULES
from trainwatch.domain.printed.rules import shape_of as shape
from trainwatch.domain.printed.sieve import speaking

DULL = b"".join(
    b"2026-01-31 12:00:%02d [INFO] server/src: request %d of /s took %d ms <ok>\n" % (n % 60, n, n)
    for n in range(500)
)


def said(observation: Observation) -> str:
    return repr((*observation[:1], dict(observation.metrics), *observation[2:]))


def one_by_one(data: bytes):
    reader = Reader()
    return [said(each) for each in map(reader.feed, Passes().feed(data)) if each is not None]


def as_blocks(data: bytes, size: int):
    passes, reader = Passes(), Reader()
    blocks = [passes.take(data[at : at + size]) for at in range(0, len(data), size)]
    return [said(each) for block in blocks for each in reader.read(block)]


@pytest.mark.parametrize("size", [100, 1 << 20])
@pytest.mark.parametrize("output", OUTPUTS, ids=lambda path: path.stem)
def test_whatever_was_captured_says_the_same_as_a_block(output, size):
    data = output.read_bytes()
    assert as_blocks(data, size) == one_by_one(data)


@given(st.lists(LINES | torn(), max_size=40), st.integers(1, 200))
def test_whatever_is_printed_says_the_same_as_a_block(lines, size):
    data = "".join(f"{line}\n" for line in lines).encode(errors="replace")
    assert as_blocks(data, size) == one_by_one(data)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda path: path.stem)
def test_lines_that_say_nothing_may_stand_between_any_two(output):
    lines = output.read_bytes().splitlines(keepends=True)
    data = b"".join(
        line + DULL.splitlines(keepends=True)[0] if line.endswith(b"\n") else line for line in lines
    )
    assert as_blocks(data, 1 << 20) == one_by_one(data)


def test_a_flood_that_says_nothing_is_not_looked_at():
    assert speaking(shape(DULL).split(b"\n"), in_table=False) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_word_of_a_rule_makes_a_line_speak(rule):
    said = {shape(f"x {word.upper()}: 1".encode()) for word in rule.words}
    assert speaking([*said, b"nothing"], in_table=False) == said


def test_what_follows_the_header_of_a_table_is_read_to_the_end_of_the_block():
    rows = b"epoch     train_loss  valid_loss  time\n0         0.50        0.60        00:01\n"
    assert [each.metrics for each in Reader().read(rows)] == [{"train_loss": 0.5, "val_loss": 0.6}]
