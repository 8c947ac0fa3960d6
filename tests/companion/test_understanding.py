"""From printed bytes to what the hook is told."""

from typing import Any

from trainwatch.companion.hearing import MOST_WAITING_BYTES, Hearing
from trainwatch.companion.understanding import Understanding


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.facts: list[dict[str, Any]] = []
        self.points: list[tuple[str, int, float]] = []

    def __call__(self, facts: Any, metrics: Any, step: int) -> None:
        self.facts.append(dict(facts))
        self.points += [(name, step, value) for name, value in metrics.items()]


def test_a_line_says_where_it_is_and_what_it_measured():
    told = Told()
    Understanding(1, told).feed(0, b"epoch 1/2 step 5/10 loss: 0.5\n")
    assert told.points == [("loss", 5, 0.5)]
    assert told.facts[0]["currentEpoch"] == 1
    assert told.facts[0]["status"] == "running"


def test_lines_without_a_step_are_counted():
    told = Told()
    Understanding(1, told).feed(0, b"loss: 0.5\nloss: 0.4\n")
    assert told.points == [("loss", 1, 0.5), ("loss", 2, 0.4)]


def test_a_line_without_an_end_counts_once():
    told = Told()
    understanding = Understanding(1, told)
    understanding.feed(0, b"loss: 0.5")
    understanding.pause()
    understanding.pause()
    understanding.feed(0, b"\n")
    assert told.points == [("loss", 1, 0.5)]


def test_a_bar_that_stands_is_understood_before_it_is_drawn_again():
    told = Told()
    understanding = Understanding(1, told)
    understanding.feed(0, b"\r 50%|##  | 50/100 [00:01<00:01, 50.0it/s]")
    assert not told.facts
    understanding.pause()
    assert told.facts[-1]["currentStep"] == 50


def test_two_channels_do_not_cut_each_others_lines():
    told = Told()
    understanding = Understanding(2, told)
    understanding.feed(0, b"step 1/9 loss: 0.")
    understanding.feed(1, b"a warning\n")
    understanding.feed(0, b"25\n")
    assert told.points == [("loss", 1, 0.25)]


def test_a_line_that_was_cut_in_two_by_a_loss_is_no_number():
    told = Told()
    understanding = Understanding(1, told)
    understanding.feed(0, b"step 1/9 loss: 0.1")
    understanding.feed(0, None)
    understanding.feed(0, b"23 loss: 7\nstep 2/9 loss: 0.5\n")
    assert told.points == [("loss", 2, 0.5)]


def test_of_a_flood_the_newest_is_heard_and_nobody_waits():
    told = Told()
    hearing = Hearing(1)
    for _ in range(MOST_WAITING_BYTES // 50_000 + 2):
        hearing.hear(0, b"nothing to see\n" * 4_000)
    hearing.hear(0, b"\nstep 3/9 loss: 0.5\n")
    hearing.start(told)
    hearing.finish(10)
    assert told.points == [("loss", 3, 0.5)]
