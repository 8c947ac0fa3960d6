"""From printed bytes to what the hook is told of them."""

from collections.abc import Callable, Mapping

from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader

Measure = Callable[[Mapping[str, object], Mapping[str, float], int], object]
"""Is told how far the task is, in the hook's words, and values at a step."""

_FACTS = {
    "step": "currentStep",
    "total_steps": "totalSteps",
    "epoch": "currentEpoch",
    "total_epochs": "totalEpochs",
    "progress": "progress",
    "eta_seconds": "eta",
}


class Understanding:
    """Understands several channels of one job, in the order in which it printed on them."""

    def __init__(self, channels: int, measure: Measure) -> None:
        """Tell `measure` what is understood."""
        self._measure = measure
        self._reader = Reader()
        self._passes = [Passes() for _ in range(channels)]
        self._unended = [""] * channels
        self._cut: set[int] = set()
        self._unnumbered = 0
        self.failure: str | None = None
        """The newest line that may explain a failure."""

    def feed(self, channel: int, data: bytes | None) -> None:
        """Understand the next bytes of a channel; None if some are missing, with which a line was cut in two."""
        if data is None:
            self._passes[channel] = Passes()
            self._cut.add(channel)
            return
        if channel in self._cut:
            _, found, data = data.partition(b"\n")
            if not found:
                return
            self._cut.discard(channel)
        for line in self._passes[channel].feed(data):
            self._tell(self._reader.feed(line))

    def pause(self) -> None:
        """Understand also what has no end yet: a bar is drawn, and has none until it is drawn again."""
        for channel, passes in enumerate(self._passes):
            line = passes.pause()
            if line is not None and line != self._unended[channel]:
                self._unended[channel] = line
                self._tell(self._reader.feed(line), is_whole=False)
        self._tell(self._reader.flush())

    def _tell(self, observation: Observation | None, *, is_whole: bool = True) -> None:
        if observation is None:
            return
        self.failure = observation.failure or self.failure
        step = observation.step
        if observation.metrics and step is None:
            if not is_whole:
                return  # it comes again with its end, and would count twice
            self._unnumbered += 1
            step = self._unnumbered
        facts: dict[str, object] = {
            name: value for ours, name in _FACTS.items() if (value := getattr(observation, ours)) is not None
        }
        if not (facts or observation.metrics):
            return
        if observation.progress is not None:
            facts["progressUnit"] = "fraction"
        facts["status"] = "running"  # only its end ends a command: a bar at 100 % does not
        self._measure(facts, observation.metrics, step or 0)
