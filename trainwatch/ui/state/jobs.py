"""The list of jobs, and the demo: what a person may do, by ids alone."""

from collections.abc import Awaitable, Callable

import reflex as rx

from trainwatch.door.identity import Identity
from trainwatch.door.rights import Right
from trainwatch.errors import TrainwatchError
from trainwatch.ui.rooms import EVERYONE, OVERVIEW
from trainwatch.ui.state.backend import backend, jobs
from trainwatch.ui.state.rights import needs
from trainwatch.ui.state.visitor import caller_of, greet

MOST_AT_ONCE = 1_000
"""How many jobs may be started, stopped or deleted by one click."""


class JobList(rx.State):
    """`problem` is the last refusal, in words. The jobs themselves come by HTTP and by frames."""

    problem: str = ""

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Listen to all tasks, jobs among them, and to the notifications."""
        self.problem = ""
        await greet(self)
        await backend().join(self.router.session.session_id, [EVERYONE, OVERVIEW])

    @rx.event
    @needs(Right.SIMULATE)
    async def start(self, job_ids: list[int]) -> None:
        """Start jobs, or start them again."""
        await self._each(job_ids, jobs().start)

    @rx.event
    @needs(Right.SIMULATE)
    async def stop(self, job_ids: list[int]) -> None:
        """Stop jobs that run, and take back the start of those that wait."""
        await self._each(job_ids, jobs().stop)

    @rx.event
    @needs(Right.OPERATE)
    async def delete(self, job_ids: list[int]) -> None:
        """Delete jobs that do not run."""
        await self._each(job_ids, backend().delete_task)

    async def _each(self, job_ids: list[int], act: Callable[[Identity, int], Awaitable[None]]) -> None:
        """Do to every job what can be done, and say why it could not be done to the others."""
        if len(job_ids) > MOST_AT_ONCE:
            self.problem = f"{len(job_ids):,} jobs are too many at once: choose at most {MOST_AT_ONCE:,}"
            return
        refusals: list[str] = []
        for job_id in job_ids:
            try:
                await act(caller_of(self), job_id)
            except TrainwatchError as error:
                refusals.append(error.message)
        self.problem = _told(refusals, of=len(job_ids))


def _told(refusals: list[str], *, of: int) -> str:
    if not refusals or of == 1:
        return "".join(refusals)
    return f"{len(refusals)} of {of} refused: {'; '.join(sorted(set(refusals)))}"


class Demo(rx.State):
    """`problem` is the last refusal, in words."""

    problem: str = ""

    @rx.event
    @needs(Right.SIMULATE)
    async def begin(self) -> None:
        """Make three simulated jobs and start them."""
        await self._attempt(jobs().begin_demo(caller_of(self)))

    @rx.event
    @needs(Right.SIMULATE)
    async def remove(self) -> None:
        """Delete the jobs of the demo."""
        await self._attempt(jobs().remove_demo(caller_of(self)))

    async def _attempt(self, change: Awaitable[None]) -> None:
        try:
            await change
        except TrainwatchError as error:
            self.problem = error.message
        else:
            self.problem = ""
