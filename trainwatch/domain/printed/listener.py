"""Listens to what a job prints, and tells what it says of the training. Depends on nothing but the bytes."""

from collections.abc import Iterable
from copy import deepcopy
from typing import NamedTuple

from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader
from trainwatch.domain.printed.reading import NOTHING


class Heard(NamedTuple):
    """Something that was heard; `step` is that of its metrics, counted where the job names none."""

    observation: Observation
    step: int | None


class Listener:
    """Hears the bytes of a job from its beginning, on one channel or several, in the order in which it printed.

    What it tells of what ends in a newline depends on those bytes alone, however they are cut. So who listens again
    from the beginning hears the same, and every point finds its own step.
    """

    def __init__(self, channels: int = 1) -> None:
        """Listen to so many channels, which are numbered from 0."""
        self._passes = [Passes() for _ in range(channels)]
        self._peeked: list[str | None] = [None] * channels  # what stood in an open line when it was looked at
        self._told: list[bytes | None] = [None] * channels  # an open line of which everything was told
        self._reader = Reader()
        self._unnumbered = 0
        self.failure: str | None = None
        """The newest line that may explain a failure."""
        self.rules: set[str] = set()
        """What understood anything, by name."""

    def hear(self, data: bytes, channel: int = 0) -> list[Heard]:
        """Return what the next bytes of a channel say, after what the bars say that others have drawn by now."""
        block = self._passes[channel].take(data)
        if not block:
            return []
        heard: list[Heard] = []
        for other, passes in enumerate(self._passes):
            if other != channel and passes.is_drawn_over:
                heard += self._peek(other)
        told, self._told[channel] = self._told[channel], None
        if told is not None and block.startswith(told):
            block = block[len(told) :]
        return heard + self._heard(self._reader.read(block, channel))

    def lose(self, channel: int = 0) -> None:
        """Go on behind bytes of a channel that are missing."""
        self._passes[channel].lose()
        self._reader.lose()

    def glance(self, tail: bytes) -> list[Heard]:
        """Return where the job stands by `tail`, the newest of what it printed, for one who lags far behind it.

        No points: they are told when they are heard. Nothing at all where it takes every line before to know.
        """
        ahead = deepcopy(self)
        ahead.lose()
        heard = ahead.hear(tail)
        if not ahead._reader.needs_no_past:
            return []
        return [Heard(each._replace(metrics=NOTHING), None) for each, _ in heard if each.failure is None]

    def flush(self) -> list[Heard]:
        """Return what was held back for what might have followed; call it when the job has been quiet."""
        return self._heard(self._of_one(self._reader.flush()))

    def peek(self) -> list[Heard]:
        """Return what lines say that have no end yet: a bar is drawn, and has none until it is drawn again.

        Metrics that have to be counted are left out: they come again with the end of the line.
        """
        return [each for channel in range(len(self._passes)) for each in self._peek(channel)]

    def finish(self) -> list[Heard]:
        """Return what the last lines say, which nothing ended, and what was held back."""
        last = [(line, at) for at, passes in enumerate(self._passes) if (line := passes.pause()) is not None]
        found = [each for line, channel in last for each in self._of_one(self._reader.feed(line, channel))]
        return self._heard([*found, *self._of_one(self._reader.flush())])

    def _peek(self, channel: int) -> list[Heard]:
        """Return what the open line of a channel says, once."""
        line = self._passes[channel].pause()
        if line is None or line == self._peeked[channel]:
            return []
        self._peeked[channel] = line
        found = self._of_one(self._reader.feed(line, channel))
        kept = [each for each in found if each.step is not None or not each.metrics]
        self._told[channel] = line.encode() + b"\n" if len(kept) == len(found) else None
        return self._heard(kept)

    def _of_one(self, observation: Observation | None) -> tuple[Observation, ...]:
        return () if observation is None else (observation,)

    def _heard(self, observations: Iterable[Observation]) -> list[Heard]:
        return [Heard(each, self._step_of(each)) for each in observations]

    def _step_of(self, observation: Observation) -> int | None:
        """Note what was understood, and return at which step; where none is named, observations are counted."""
        if observation.failure is not None:
            self.failure = observation.failure
            return None
        self.rules.add(observation.rule)
        if observation.step is None and observation.metrics:
            self._unnumbered += 1
            return self._unnumbered
        return observation.step
