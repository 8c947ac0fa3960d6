"""Listens to what a job prints, and turns it into reports of its attempt."""

import math

from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader
from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import Status


class Listener:
    """Hears the bytes of a log from its beginning; what it tells depends on them alone.

    So a server that starts again may listen from the beginning, and every point finds its own step.
    """

    def __init__(self, attempt: int) -> None:
        """Listen to that attempt of a job."""
        self._attempt = attempt
        self._passes = Passes()
        self._reader = Reader()
        self._unnumbered = 0
        self.failure: str | None = None
        self.rules: set[str] = set()

    def hear(self, data: bytes) -> Report | None:
        """Return what `data`, the next bytes of the log, says of the training; None if nothing."""
        return self._told([self._reader.feed(line) for line in self._passes.feed(data)])

    def pause(self) -> Report | None:
        """Return what was held back for what might have followed; call it when the job has been quiet."""
        return self._told([self._reader.flush()])

    def finish(self) -> Report | None:
        """Return what the last line says, which nothing ended, and what was held back."""
        rest = self._passes.pause()
        last = None if rest is None else self._reader.feed(rest)
        return self._told([last, self._reader.flush()])

    def _told(self, heard: list[Observation | None]) -> Report | None:
        found = [observation for observation in heard if observation is not None]
        points: list[Point] = []
        for observation in found:
            if observation.failure is None:
                self.rules.add(observation.rule)
            self.failure = observation.failure or self.failure
            points += self._points(observation)
        return _report(self._attempt, found, tuple(points))

    def _points(self, observation: Observation) -> list[Point]:
        """Return the metrics of an observation; where it names no step, observations are counted."""
        if not observation.metrics:
            return []
        step = observation.step
        if step is None:
            self._unnumbered += 1
            step = self._unnumbered
        return [_point(name, value, step, observation.epoch) for name, value in observation.metrics.items()]


def _point(name: str, value: float, step: int, epoch: int | None) -> Point:
    if math.isfinite(value):
        return Point(name, value, step, epoch)
    flag = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return Point(name, None, step, epoch, flag)


def _report(attempt: int, found: list[Observation], points: tuple[Point, ...]) -> Report | None:
    """Return the newest word on each thing that was said, and all points."""
    newest = {
        name: next((value for each in reversed(found) if (value := getattr(each, name)) is not None), None)
        for name in ("step", "total_steps", "epoch", "total_epochs", "progress", "eta_seconds")
    }
    if not points and all(value is None for value in newest.values()):
        return None
    progress = newest["progress"]
    return Report(
        attempt=attempt,
        status=Status.RUNNING,  # only its end ends a job: a bar at 100 % does not
        points=points,
        progress=None if progress is None else Progress(progress, "fraction"),
        current_step=newest["step"],
        total_steps=newest["total_steps"],
        current_epoch=newest["epoch"],
        total_epochs=newest["total_epochs"],
        eta_seconds=newest["eta_seconds"],
    )
