"""In the log of a command every line is of one channel."""

from hypothesis import given
from hypothesis import strategies as st

from trainwatch.companion.merging import LineMerger

SHOWN = st.lists(
    st.tuples(
        st.integers(0, 1), st.text("ab\r\n", min_size=1, max_size=8), st.sampled_from([0.0, 0.1, 0.3, 3.0])
    ),
    max_size=30,
)


@given(SHOWN)
def test_no_line_is_of_two_channels_and_nothing_is_lost(shown: list[tuple[int, str, float]]):
    merger, now, log = LineMerger(2), 0.0, b""
    printed = [b"", b""]
    for channel, text, seconds in shown:
        data = (text.upper() if channel else text).encode()
        printed[channel] += data
        log += merger.take(channel, data, now)
        now += seconds
        log += merger.ripe(now)
    log += merger.finish()
    assert all(line.islower() or line.isupper() for line in log.replace(b"\r", b"").split(b"\n") if line)
    for channel, ours in enumerate((b"ab", b"AB")):
        assert bytes(each for each in log if each in ours) == printed[channel].translate(None, b"\r\n")
    assert log.count(b"\r") == sum(each.count(b"\r") for each in printed)


@given(SHOWN)
def test_lines_that_are_not_shown_half_are_whole(shown: list[tuple[int, str, float]]):
    merger, log = LineMerger(2), b""
    for channel, text, _ in shown:
        log += merger.take(channel, (text.upper() if channel else text).encode(), 0.0)
    ended = ["".join(text for each, text, _ in shown if each == channel) for channel in (0, 1)]
    lines = [*ended[0].split("\n")[:-1], *ended[1].upper().split("\n")[:-1]]
    assert sorted(log.decode().split("\n")[:-1]) == sorted(lines)


def test_a_single_channel_stays_as_it_is():
    merger = LineMerger(1)
    assert [merger.take(0, each, 0.0) for each in (b"half", b" line\n", b"\r 3%")] == [
        b"half",
        b" line\n",
        b"\r 3%",
    ]
    assert (merger.ripe(9.0), merger.finish()) == (b"", b"")


def test_a_bar_is_shown_while_it_stands_and_goes_on_behind_a_line_of_another_channel():
    merger = LineMerger(2)
    assert merger.take(1, b"\r10%", 0.0) == b""
    assert merger.ripe(0.1) == b""
    assert merger.ripe(0.3) == b"\r10%"
    assert merger.take(1, b"\r20%", 0.3) == b"\r20%"
    assert merger.take(0, b"loss 1\nlo", 0.4) == b"\nloss 1\n"
    assert merger.take(1, b"\r30%\n", 0.5) == b"\r30%\n"
    assert merger.take(0, b"ss 2\n", 0.6) == b"loss 2\n"


def test_a_line_without_an_end_is_held_in_bounds():
    merger = LineMerger(2)
    assert sum(len(merger.take(0, b"x" * 1000, 0.0)) for _ in range(1000)) > 900_000
