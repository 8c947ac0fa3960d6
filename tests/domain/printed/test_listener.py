"""Two channels of one job: what was printed on one may be heard a little before or after what was on the other."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.printed.listener import Heard, Listener

Write = tuple[int, bytes]
"""A channel, and what was printed on it at once."""

TEXT, BARS = 0, 1
STEPS = 60


def drawn(step: int) -> bytes:
    return b"\r %d%%|###       | %d/%d [00:01<00:02, 20.0it/s]" % (100 * step // STEPS, step, STEPS)


def training(epochs: int, draws: list[int], *, names_last: bool = False, stays: bool = True) -> list[Write]:
    """Return what a loop over epochs prints, each with a bar as tqdm draws it, in its true order."""
    writes: list[Write] = []
    for epoch in range(1, epochs + 1):
        name = (TEXT, b"Epoch %d/%d\n" % (epoch, epochs))
        bar = [(BARS, drawn(step)) for step in (0, *draws, STEPS)]
        end = [(BARS, drawn(STEPS)), (BARS, b"\n")] if stays else [(BARS, b"\r" + b" " * 60 + b"\r")]
        writes += [*bar, *end, name] if names_last else [name, *bar, *end]
    return writes


def heard_in(order: list[Write]) -> list[Heard]:
    listener = Listener(2)
    heard = [each for channel, data in order for each in listener.hear(data, channel)]
    return heard + listener.finish()


def steps_of(heard: list[Heard]) -> list[int]:
    return [each.observation.step for each in heard if each.observation.step is not None]


@st.composite
def delayed(draw: st.DrawFn, writes: list[Write], most: int) -> list[Write]:
    """Return `writes` with each channel in its order, but one up to `most` writes behind the other."""
    late = draw(st.sampled_from([TEXT, BARS]))
    order: list[Write] = []
    held: list[Write] = []
    for write in writes:
        if write[0] == late:
            held.append(write)
            if len(held) > most:
                order.append(held.pop(0))
            continue
        free = draw(st.integers(0, len(held)))
        order += held[:free]
        held = held[free:]
        order.append(write)
    return order + held


DRAWS = st.lists(st.integers(1, STEPS - 1), max_size=8, unique=True).map(sorted)


@given(st.data(), st.integers(2, 5), DRAWS, st.booleans(), st.booleans())
def test_every_pass_counts_however_the_channels_overtake_each_other(
    data: st.DataObject, epochs: int, draws: list[int], names_last: bool, stays: bool
):
    writes = training(epochs, draws, names_last=names_last, stays=stays)
    heard = heard_in(data.draw(delayed(writes, data.draw(st.sampled_from([2, len(draws) + 1, 100])))))
    steps = steps_of(heard)
    assert steps[-1] == epochs * STEPS
    assert steps == sorted(steps)
    last = heard[-1].observation
    assert (last.epoch, last.total_epochs) == (epochs, epochs)
    assert last.total_steps == epochs * STEPS


def blocks(writes: list[Write], size: int) -> Iterator[Write]:
    """Yield `writes` as if what is not bars were kept back until there is so much, or the end."""
    kept = b""
    for channel, data in writes:
        if channel == BARS:
            yield channel, data
            continue
        kept += data
        if len(kept) >= size:
            yield channel, kept
            kept = b""
    yield TEXT, kept


@pytest.mark.parametrize("size", [15, 25, 60, 1 << 20])
@pytest.mark.parametrize("names_last", [True, False])
def test_every_pass_counts_though_the_epochs_are_named_in_blocks(size: int, names_last: bool):
    heard = heard_in(list(blocks(training(10, [20, 40], names_last=names_last), size)))
    steps = steps_of(heard)
    assert steps[-1] == 10 * STEPS
    assert steps == sorted(steps)
    assert heard[-1].observation.epoch == 10


def test_a_pass_that_stands_open_is_heard_before_the_next_epoch_is_named():
    listener = Listener(2)
    listener.hear(b"Epoch 1/4\n", TEXT)
    listener.hear(drawn(30) + drawn(STEPS), BARS)
    named = listener.hear(b"Epoch 2/4\n", TEXT)
    assert [(each.observation.step, each.observation.epoch) for each in named] == [(60, 1), (60, 2)]
    again = listener.hear(b"\n" + drawn(0) + drawn(10), BARS)
    assert [each.observation.step for each in again] == [60]
    assert listener.hear(drawn(20), BARS)[-1].observation[2:5] == (70, 240, 2)


def test_bars_whose_epochs_were_all_named_before_are_no_second_run():
    bars = drawn(STEPS) + b"\n"
    rest = b"".join(drawn(0) + bars for _ in range(3))
    order = [
        (BARS, drawn(0)),
        (TEXT, b"Epoch 1/4\n"),
        (BARS, bars),
        (TEXT, b"Epoch 2/4\nEpoch 3/4\nEpoch 4/4\n"),
    ]
    heard = heard_in([*order, (BARS, rest)])
    assert heard[-1].observation[2:5] == (240, 240, 4)


def test_half_a_line_is_not_heard_because_another_channel_spoke():
    listener = Listener(2)
    assert listener.hear(b"step 1/9 loss: 0.", TEXT) == []
    assert listener.hear(b"a warning\n", BARS) == []
    (heard,) = listener.hear(b"25\n", TEXT)
    assert dict(heard.observation.metrics) == {"loss": 0.25}


def test_lines_with_numbers_on_one_channel_go_with_epochs_on_the_other():
    """A logger writes to standard error, the program prints."""
    listener = Listener(2)
    heard: list[Heard] = []
    for epoch in range(1, 5):
        heard += listener.hear(b"2026-01-31 12:00:00 INFO trainer: Epoch %d/4\n" % epoch, BARS)
        for step in range(10, STEPS + 1, 10):
            heard += listener.hear(b"step %d/60 loss: 0.%d\n" % (step, 10 * epoch + step), TEXT)
    assert [each.step for each in heard if each.observation.metrics] == list(range(10, 241, 10))
    assert heard[-1].observation.total_steps == 240


def test_the_label_of_a_bar_is_believed_before_a_line_that_comes_late():
    listener = Listener(2)
    for epoch in (1, 2):
        listener.hear(
            b"\rEpoch %d/4:" % epoch + drawn(0)[1:] + b"\rEpoch %d/4:" % epoch + drawn(30)[1:], BARS
        )
    late = listener.hear(b'{"epoch": 1, "loss": 0.5}\n', TEXT)
    heard = [*late, *listener.hear(b"\rEpoch 2/4:" + drawn(45)[1:] + b"\r", BARS)]
    assert heard[-1].observation.epoch == 2
    assert heard[-1].observation.progress == pytest.approx(1.75 / 4)
