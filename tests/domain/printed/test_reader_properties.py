import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.printed.observed import OUTPUTS
from trainwatch.domain.printed import lines
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader

CAPTURED = sorted({line for output in OUTPUTS for line in Passes().feed(output.read_bytes())})
WORDS = """
loss acc epoch Epoch step iter 0.5 nan inf -1e9 1e999 : = / [ ] { } ' " % | ━ • , [00:10<00:12, it/s] 45%| 10/100
99999999999999999999 1/0 0/0 GPU_mem {'loss': 'epoch': - 1s ms/step all acc@1: acc@5: mAP@0.5: top-5= hits@10 loss/dataloader-1: loss.2: 1e-05 &f1= 2f1
"""
PIECES = st.sampled_from([*WORDS.split(), "\t", " ", ""])
LINES = st.text(max_size=80) | st.sampled_from(CAPTURED) | st.lists(PIECES, max_size=12).map(" ".join)


@st.composite
def torn(draw):
    """A captured line, cut and put together with another."""
    first, second = draw(st.sampled_from(CAPTURED)), draw(st.sampled_from(CAPTURED))
    return first[: draw(st.integers(0, len(first)))] + second[draw(st.integers(0, len(second))) :]


@given(st.lists(LINES | torn(), max_size=40))
def test_whatever_is_printed_the_reader_never_raises_and_never_lies_about_its_ranges(lines):
    reader = Reader()
    for observation in [*map(reader.feed, lines), reader.flush()]:
        if observation is None:
            continue
        assert observation.progress is None or 0 <= observation.progress <= 1
        assert observation.eta_seconds is None or 0 <= observation.eta_seconds < math.inf
        for count in (observation.step, observation.total_steps, observation.epoch, observation.total_epochs):
            assert count is None or 0 <= count < 2**53
        assert all(0 < len(name) <= 100 for name in observation.metrics)
        assert all(type(value) is float for value in observation.metrics.values())


@given(LINES | torn(), st.randoms(use_true_random=False))
def test_a_line_says_the_same_whether_lines_like_it_are_remembered_or_not(line, random):
    line = re.sub("[0-9]", lambda _: random.choice("0123456789"), line)
    remembered = lines.read(line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONGEST_KEPT", -1)
        assert repr(lines.read(line)) == repr(remembered)  # nan is not equal to itself


@pytest.mark.parametrize(
    ("line", "names"), [("f1=0.5", ["f1"]), ("f2=0.5", []), ("f1=0.7", ["f1"]), ("loss=1", ["loss"])]
)
def test_a_name_with_a_digit_is_not_taken_for_another(line, names):
    found = lines.read(line)
    assert list(found.metrics if found else ()) == names


@pytest.mark.parametrize(
    "names",
    [
        ("acc@1", "acc@5"),
        ("mAP@0.5", "mAP@0.7"),
        ("top-1", "top-5"),
        ("hits@10", "hits@50"),
        ("loss/dataloader-0", "loss/dataloader-1"),
        ("loss.1", "loss.2"),
    ],
)
def test_a_digit_anywhere_in_a_name_tells_it_from_another(names):
    found = lines.read(f"loss: 0.5 {names[0]}: 0.41 {names[1]}: 0.78")
    assert found
    assert len(found.metrics) == 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONGEST_KEPT", -1)
        searched = lines.read(f"loss: 0.5 {names[0]}: 0.41 {names[1]}: 0.78")
    assert found == searched


@given(st.integers(1, 6), st.integers(1, 20), st.data())
def test_progress_of_epochs_and_steps_only_grows_and_ends_at_one(epochs, steps, data):
    reader, seen = Reader(), []
    for epoch in range(1, epochs + 1):
        shown = sorted(data.draw(st.sets(st.integers(1, steps), max_size=4)) | {steps})
        reader.feed(f"Epoch {epoch}/{epochs}")
        for step in shown:
            observation = reader.feed(f"{step}/{steps} ━━━━━━━━━━ 1s 2ms/step - loss: 0.5")
            assert observation is not None
            seen.append((observation.progress, observation.step))
    assert seen == sorted(seen)
    assert seen[-1] == (1, epochs * steps)


@pytest.mark.parametrize(
    "head", ["", "loss ", "1/2 ━", "Epoch: [0][1/2] ", "{'learning_rate': 1, 'epoch': ", "100%|"]
)
@pytest.mark.parametrize("piece", ["1", " ", "A_", "a: 1 ", "1/", "[", "acc nan ", "━ ", "loss=", "'a': 1,"])
def test_no_line_takes_long_however_it_repeats_itself(head, piece):
    reader, line = Reader(), (head + piece * 4096)[:4096]
    began = time.process_time()
    reader.feed(line)
    assert time.process_time() - began < 1  # a thousand times what it takes; quadratic is seconds


@given(st.binary(max_size=400), st.integers(1, 50))
def test_bytes_however_they_are_cut_give_the_same_lines(data, size):
    passes = Passes()
    assert [
        line for at in range(0, len(data), size) for line in passes.feed(data[at : at + size])
    ] == Passes().feed(data)
