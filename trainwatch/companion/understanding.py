"""From what is heard of a command to what the hook is told of it."""

from collections.abc import Callable, Iterable, Mapping

from trainwatch.domain.printed.listener import Heard, Listener

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
    """Tells what a `Listener` hears of one command."""

    def __init__(self, channels: int, measure: Measure) -> None:
        """Tell `measure` what is heard on that many channels."""
        self._measure = measure
        self._listener = Listener(channels)

    @property
    def failure(self) -> str | None:
        """The newest line that may explain a failure."""
        return self._listener.failure

    def feed(self, channel: int, data: bytes | None) -> None:
        """Understand the next bytes of a channel; None if some are missing, with which a line was cut in two."""
        if data is None:
            self._listener.lose(channel)
        else:
            self._tell(self._listener.hear(data, channel))

    def pause(self) -> None:
        """Understand also what has no end yet, or was held back."""
        self._tell(self._listener.peek())
        self._tell(self._listener.flush())

    def _tell(self, heard: Iterable[Heard]) -> None:
        for observation, step in heard:
            facts: dict[str, object] = {
                name: value
                for ours, name in _FACTS.items()
                if (value := getattr(observation, ours)) is not None
            }
            if not (facts or observation.metrics):
                continue
            if observation.progress is not None:
                facts["progressUnit"] = "fraction"
            facts["status"] = "running"  # only its end ends a command: a bar at 100 % does not
            self._measure(facts, observation.metrics, step or 0)
