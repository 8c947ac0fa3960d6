import pytest

from tests.domain.printed.observed import FIXTURES, OUTPUTS, observations, written
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader

ORDINARY = (FIXTURES / "ordinary.txt").read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.stem)
def test_a_captured_output_is_read_as_written_beside_it(output):
    expected = output.with_suffix(".expected").read_text(encoding="utf-8")
    assert written(observations(output.read_bytes())) == expected


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.stem)
def test_step_and_progress_of_a_captured_output_never_fall(output):
    found = observations(output.read_bytes())
    for name in ("step", "progress", "epoch"):
        values = [getattr(each, name) for each in found if getattr(each, name) is not None]
        assert values == sorted(values), name


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.stem)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_how_an_output_is_cut_into_reads_changes_nothing(output, size):
    data = output.read_bytes()
    passes = Passes()
    pieces = [line for at in range(0, len(data), size) for line in passes.feed(data[at : at + size])]
    assert pieces == Passes().feed(data)


def test_ordinary_output_says_nothing():
    assert len(ORDINARY) > 200
    reader = Reader()
    assert [line for line in ORDINARY if reader.feed(line) is not None] == []


@pytest.mark.parametrize("line", ORDINARY)
def test_a_line_of_ordinary_output_says_nothing_by_itself(line):
    assert Reader().feed(line) is None


def test_ordinary_output_between_the_lines_of_a_training_changes_nothing():
    data = (FIXTURES / "tqdm_epoch_desc.txt").read_bytes()
    lines = Passes().feed(data)
    plain, mixed = Reader(), Reader()
    for at, line in enumerate(lines):
        assert mixed.feed(ORDINARY[at % len(ORDINARY)]) is None
        assert mixed.feed(line) == plain.feed(line)
