"""Two channels are carried by one pump: in their order where it is known, and neither waits for the other's reader."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.companion.runs import WITHIN_S, until
from trainwatch.companion.outlets import Outlet
from trainwatch.companion.pump import Pump


class Channel:
    """A pipe that a command prints into, and one that somebody reads what was printed from."""

    def __init__(self, handle: int) -> None:
        source, self.printing = os.pipe()
        self.reading, self.target = os.pipe()
        os.set_blocking(self.printing, False)
        self.outlet = Outlet((handle,), source, self.printing, self.target, is_terminal=False)

    def print_much(self) -> int:
        """Print until the pipe is full; return how much that was."""
        size = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                size += os.write(self.printing, b"x" * 4096)
        return size

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.reading, size - len(data))
        return data

    def close(self) -> None:
        for handle in (self.printing, self.reading, self.target):
            with contextlib.suppress(OSError):
                os.close(handle)


@pytest.fixture
def channels() -> Iterator[list[Channel]]:
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    made = [Channel(1), Channel(2)]
    yield made
    for channel in made:
        channel.close()
    signal.signal(signal.SIGPIPE, before)


class Heard:
    def __init__(self) -> None:
        self.pieces: list[tuple[int, bytes]] = []

    def __call__(self, channel: int, data: bytes) -> None:
        self.pieces.append((channel, data))


def pump_of(channels: list[Channel], hear: Heard, last_words_s: float = 1.0) -> Pump:
    return Pump([channel.outlet for channel in channels], hear, last_words_s=last_words_s)


def test_a_bar_that_ends_is_heard_before_the_epoch_that_was_named_and_the_next_bar_after_it(
    channels: list[Channel],
):
    heard = Heard()
    pump = pump_of(channels, heard)
    os.write(channels[1].printing, b"\r60/60\n\r 0/60")
    os.write(channels[0].printing, b"Epoch 2/4\n")
    pump.start()
    until(lambda: len(heard.pieces) == 3)
    assert heard.pieces == [(1, b"\r60/60\n"), (0, b"Epoch 2/4\n"), (1, b"\r 0/60")]
    pump.finish()
    pump.join(WITHIN_S)


def test_what_was_printed_before_on_one_channel_is_heard_before_what_came_on_the_other(
    channels: list[Channel],
):
    heard = Heard()
    pump = pump_of(channels, heard)
    pump.start()
    for number in range(200):
        first = number % 2
        os.write(channels[first].printing, b"first\r\n")
        os.write(channels[1 - first].printing, b"second\n")
        until(lambda number=number: len(heard.pieces) == 2 * number + 2)
    assert [data for _, data in heard.pieces] == [b"first\r\n", b"second\n"] * 200
    pump.finish()
    pump.join(WITHIN_S)


def test_a_channel_that_nobody_reads_holds_up_no_other(channels: list[Channel]):
    pump = pump_of(channels, Heard())
    pump.start()
    out, err = channels
    until(lambda: not out.print_much())  # our pipe, what the pump holds and the reader's pipe are full
    os.write(err.printing, b"still here\n")
    assert err.read(11) == b"still here\n"
    thread = threading.Thread(target=lambda: out.read(100_000))
    thread.start()
    until(out.print_much)
    thread.join(WITHIN_S)
    os.close(out.reading)
    pump.finish()
    pump.join(WITHIN_S)
    assert not pump.is_alive()


def test_what_the_command_printed_last_is_carried_however_slowly_it_is_read(channels: list[Channel]):
    out, _ = channels
    pump = pump_of(channels, Heard(), last_words_s=0.0)
    printed = out.print_much()
    pump.start()
    printed += until(out.print_much)  # the pump has taken some, and waits for the reader
    pump.finish()
    assert len(out.read(printed)) == printed
    pump.join(WITHIN_S)
    assert not pump.is_alive()


@pytest.mark.parametrize("number", [1, 2])
def test_a_reader_that_goes_away_is_told_to_who_prints(channels: list[Channel], number: int):
    channels = channels[:number]
    pump = pump_of(channels, Heard())
    os.close(channels[0].reading)
    pump.start()

    def prints_in_vain() -> bool:
        try:
            os.write(channels[0].printing, b"x")
        except BrokenPipeError:
            return True
        return False

    until(prints_in_vain)
    pump.finish()
    pump.join(WITHIN_S)
    assert not pump.is_alive()
