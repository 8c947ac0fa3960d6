"""The runner that only pretends: a tick of the event loop now and then, and no process."""

import asyncio
from collections.abc import AsyncIterator

from trainwatch.domain.report import Point, Report
from trainwatch.domain.simulate import TrainingSimulator
from trainwatch.domain.status import Status
from trainwatch.runners.base import AttemptKey, Ended, Launch, Observation, Observed

TICK_S = 0.05
"""Attempts look at the clock together, at its multiples of this: so their reports share a commit."""

MOST_AT_A_TICK = 1_000
"""After a long pause of the event loop the steps that are due are caught up with in parts."""

_FALLS = 5.0
"""How many times its time constant a curve lasts: in the end 0.7 % of the fall is left."""


class SimulatedRunner:
    """A `Runner` of any number of attempts; each goes on from the step that it had reached."""

    def __init__(self) -> None:
        """Start with no attempt."""
        self._asked: dict[AttemptKey, asyncio.Event] = {}

    async def run(self, launch: Launch) -> AsyncIterator[Observation]:
        """Yield the points of the steps as they become due, and then the end."""
        asked = self._asked.setdefault(launch.key, asyncio.Event())
        try:
            async for observation in _pretend(launch, asked):
                yield observation
        finally:
            del self._asked[launch.key]

    async def stop(self, key: AttemptKey, *, by: str) -> None:
        """End the attempt with the next tick."""
        if key in self._asked:
            self._asked[key].set()


async def _pretend(launch: Launch, asked: asyncio.Event) -> AsyncIterator[Observation]:
    options = launch.spec.simulated
    last = min(options.fail_at or launch.spec.total_steps, launch.spec.total_steps)
    clock = asyncio.get_running_loop().time
    began, done = clock(), launch.done_steps
    first = done
    while done < last:
        await _tick(1 / options.speed, asked)
        if asked.is_set():
            yield Ended(status=Status.STOPPED, reason="Job was manually stopped")
            return
        due = min(first + int((clock() - began) * options.speed), last, done + MOST_AT_A_TICK)
        if due > done:
            yield Observed(_report(launch, range(done + 1, due + 1)))
            done = due
    if options.fail_at is not None and done >= options.fail_at:
        yield Ended(status=Status.FAILED, reason=f"simulated failure at step {done}")
    else:
        yield Ended(status=Status.COMPLETE, reason=f"all {done} steps are done")


async def _tick(gap_s: float, asked: asyncio.Event) -> None:
    """Wait about as long as a point takes, until the clocks of all attempts tick, or for the order to stop."""
    ticks = max(1, round(gap_s / TICK_S / 2))
    now = asyncio.get_running_loop().time()
    until = (now // TICK_S + ticks) * TICK_S
    try:
        await asyncio.wait_for(asked.wait(), until - now)
    except TimeoutError:
        return


def _report(launch: Launch, steps: range) -> Report:
    spec = launch.spec
    made = _simulator(launch).generate_metrics_batch(
        steps.start, len(steps), spec.total_steps, spec.steps_per_epoch
    )
    return Report(
        attempt=launch.key.attempt,
        points=tuple(
            point
            for each in made
            for point in (
                Point("loss", each["loss"], each["step"], each["epoch"]),
                Point("accuracy", each["accuracy"], each["step"], each["epoch"]),
            )
        ),
        current_step=made[-1]["step"],
        current_epoch=made[-1]["epoch"],
        total_steps=spec.total_steps,
        total_epochs=spec.epochs,
    )


def _simulator(launch: Launch) -> TrainingSimulator:
    """Return the simulator of an attempt: the same whenever it is asked for."""
    seed = launch.spec.simulated.seed
    if seed is None:
        seed = launch.key.task_id * 1_000_003 + launch.key.attempt
    return TrainingSimulator(decay_rate=_FALLS / launch.spec.total_steps, seed=seed)
