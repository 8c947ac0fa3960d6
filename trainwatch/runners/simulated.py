"""The runner that only pretends: a tick of the event loop now and then, and no process."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from trainwatch.domain.job import JobSpec
from trainwatch.domain.simulated_run import simulated_run
from trainwatch.domain.status import STOPPED_BY_HAND, Status
from trainwatch.runners.base import AttemptKey, Ended, Launch, Observation, Observed

TICK_S = 0.05
"""Attempts look at the clock at its multiples of this, together: so what is due at once shares a commit."""


class SimulatedRunner:
    """A `Runner` of any number of attempts; each goes on from the step that it had reached."""

    def __init__(self, *, most_at_once: int) -> None:
        """Start with no attempt."""
        self._most_at_once = most_at_once
        self._asked: dict[AttemptKey, asyncio.Event] = {}

    def has_room_for(self, spec: JobSpec) -> bool:
        """Whether another one may pretend."""
        return len(self._asked) < self._most_at_once

    def run(self, launch: Launch) -> AsyncIterator[Observation]:
        """Yield the points of the steps as they become due, and then the end."""
        asked = self._asked[launch.key] = asyncio.Event()
        return self._run(launch, asked)

    async def _run(self, launch: Launch, asked: asyncio.Event) -> AsyncIterator[Observation]:
        clock = asyncio.get_running_loop().time
        run = simulated_run(launch.spec, task_id=launch.key.task_id, attempt=launch.key.attempt)
        done, beat = launch.done_steps, run.begin(clock(), done=launch.done_steps)
        try:
            while (ending := run.ending(done)) is None:
                if await _asked_before(asked, clock() + run.seconds_to_next(beat)):
                    yield Ended(status=Status.STOPPED, reason=STOPPED_BY_HAND)
                    return
                due, beat = run.points_due(beat, clock())
                if due:
                    yield Observed(run.report(due, attempt=launch.key.attempt))
                    done = due[-1]
            yield Ended(status=ending.status, reason=ending.reason)
        finally:
            del self._asked[launch.key]

    async def unfinished(self) -> Mapping[AttemptKey, AsyncIterator[Observation]]:
        """Return none: what they tell, they tell before they end."""
        return {}

    async def stop(self, key: AttemptKey, *, by: str, over: str | None = None) -> None:
        """End the attempt before its next step."""
        if key in self._asked:
            self._asked[key].set()


async def _asked_before(asked: asyncio.Event, at_s: float) -> bool:
    """Wait until the tick after `at_s` on the loop's clock; return True as soon as it is asked to stop."""
    tick_s = (at_s // TICK_S + 1) * TICK_S
    try:
        async with asyncio.timeout_at(tick_s):
            await asked.wait()
    except TimeoutError:
        return False
    return True
