"""A simulated run: which of its steps are due when, what they show, and how it ends."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from trainwatch.domain.job import DEFAULT_SPEED, JobSpec
from trainwatch.domain.number import LARGEST_WHOLE
from trainwatch.domain.progress import Progress
from trainwatch.domain.report import Point, Report
from trainwatch.domain.simulate import SimulatedPoint, TrainingSimulator, epoch_of
from trainwatch.domain.status import Status

CURVE_STEPS = 30
"""A whole run falls as far as this many steps do at the usual decay: to 1 % of the way."""

LONGEST_GAP_S = 2.0
"""Time that nobody looked for longer than this, and than a step, is not made up for: no burst."""


class Beat(NamedTuple):
    """Where a run was when somebody last looked: at `at_s` of any clock it had done `position` steps."""

    at_s: float
    position: float


class Ending(NamedTuple):
    """How a run ends, and why in words."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRun:
    """All that a simulated attempt is; the same values are the same run, on every machine.

    `speed` is in steps a second, of which each is a point.
    """

    total_steps: int
    steps_per_epoch: int
    seed: int
    speed: float = DEFAULT_SPEED
    fail_at: int | None = None

    @property
    def last_step(self) -> int:
        """The step after which nothing comes."""
        return self.total_steps if self.fail_at is None else min(self.fail_at, self.total_steps)

    @property
    def simulator(self) -> TrainingSimulator:
        """The curve, its decay scaled so that it falls over the whole run."""
        usual = TrainingSimulator(seed=self.seed)
        rate = usual.decay_rate * CURVE_STEPS / self.total_steps
        return TrainingSimulator(usual.initial_loss, usual.final_loss, rate, self.seed)

    def begin(self, now_s: float, *, done: int = 0) -> Beat:
        """Return where the run is when it starts, or goes on after a pause or a restart, `done` steps in."""
        return Beat(now_s, float(done))

    def points_due(self, beat: Beat, now_s: float) -> tuple[range, Beat]:
        """Return the steps to report at `now_s`, in order, and where the run is then.

        A step is due once and in its turn, however often or seldom somebody looks. Time in which nobody
        looked, because the machine slept or the server stood still, is cut: the run goes on where it was.
        """
        elapsed_s = min(max(now_s - beat.at_s, 0.0), LONGEST_GAP_S + 1 / self.speed)
        position = min(beat.position + elapsed_s * self.speed, float(self.last_step))
        return range(math.floor(beat.position) + 1, math.floor(position) + 1), Beat(now_s, position)

    def seconds_to_next(self, beat: Beat) -> float:
        """Return how long after `beat` the next step is due, at least 0."""
        return max(math.floor(beat.position) + 1 - beat.position, 0.0) / self.speed

    def ends_at(self, now: datetime, *, done: int) -> datetime:
        """Return when the run will have ended if it goes on undisturbed from `now`, `done` steps in."""
        return now + timedelta(seconds=max(self.last_step - done, 0) / self.speed)

    def ending(self, done: int) -> Ending | None:
        """Return how the run ends after `done` steps; None while it goes on."""
        if done < self.last_step:
            return None
        if self.fail_at is not None and self.fail_at <= self.total_steps:
            return Ending(Status.FAILED, f"simulated failure at step {self.fail_at}")
        return Ending(Status.COMPLETE, f"finished all {self.total_steps} steps")

    def metrics(self, steps: range) -> list[SimulatedPoint]:
        """Return what `steps`, one after another, have to tell."""
        return self.simulator.generate_metrics_batch(
            steps.start, len(steps), self.total_steps, self.steps_per_epoch
        )

    def report(self, steps: range, *, attempt: int) -> Report:
        """Return what the run reports of `steps`, at least one, and of how far it is with the last."""
        done = steps[-1]
        return Report(
            attempt=attempt,
            status=Status.RUNNING,
            progress=Progress(done / self.total_steps, "fraction"),
            current_epoch=epoch_of(done, self.steps_per_epoch, self.total_steps),
            total_epochs=-(-self.total_steps // self.steps_per_epoch),
            current_step=done,
            total_steps=self.total_steps,
            points=tuple(
                Point(name, value, point["step"], point["epoch"])
                for point in self.metrics(steps)
                for name, value in (("loss", point["loss"]), ("accuracy", point["accuracy"]))
            ),
        )


def simulated_run(spec: JobSpec, *, task_id: int, attempt: int) -> SimulatedRun:
    """Return the run that this attempt of a simulated job is, now and after every restart.

    Where the job names no seed, each attempt of each task has one of its own.
    """
    options = spec.simulated
    return SimulatedRun(
        total_steps=spec.total_steps,
        steps_per_epoch=spec.steps_per_epoch,
        seed=seed_of(task_id, attempt) if options.seed is None else options.seed,
        speed=options.speed,
        fail_at=options.fail_at,
    )


def seed_of(task_id: int, attempt: int) -> int:
    """Return the seed, in 0..2**53-1, of an attempt that was given none."""
    digest = blake2b(f"attempt {attempt} of task {task_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") & LARGEST_WHOLE
