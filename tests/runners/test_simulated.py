"""The runner that pretends tells each step once, ends as it should, and goes on where it was."""

import asyncio
from datetime import UTC, datetime

from trainwatch.domain.job import JobSpec, SimulatedOptions
from trainwatch.domain.status import Status
from trainwatch.runners.base import AttemptKey, Ended, Launch, Observation, Observed
from trainwatch.runners.simulated import SimulatedRunner

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY = AttemptKey(1, 1)


def a_launch(*, done: int = 0, fail_at: int | None = None, speed: float = 100.0) -> Launch:
    options = SimulatedOptions(speed=speed, fail_at=fail_at)
    spec = JobSpec(name="demo", model_name="m", epochs=4, steps_per_epoch=5, options=options)
    return Launch(key=KEY, spec=spec, is_new=done == 0, started_at=NOW, done_steps=done)


async def all_of(runner: SimulatedRunner, launch: Launch) -> list[Observation]:
    return [observation async for observation in runner.run(launch)]


def steps_of(observations: list[Observation]) -> list[int]:
    reports = [each.report for each in observations if isinstance(each, Observed)]
    return [
        point.step for report in reports for point in report.points if point.name == "loss" and point.step
    ]


def test_every_step_is_told_once_and_in_order_and_then_the_end():
    told = asyncio.run(all_of(SimulatedRunner(most_at_once=50), a_launch()))
    assert steps_of(told) == list(range(1, 21))
    assert told[-1] == Ended(status=Status.COMPLETE, reason="finished all 20 steps")


def test_it_fails_at_the_step_that_was_chosen():
    told = asyncio.run(all_of(SimulatedRunner(most_at_once=50), a_launch(fail_at=7)))
    assert steps_of(told) == list(range(1, 8))
    assert told[-1] == Ended(status=Status.FAILED, reason="simulated failure at step 7")


def test_it_goes_on_after_the_steps_that_are_done():
    told = asyncio.run(all_of(SimulatedRunner(most_at_once=50), a_launch(done=15)))
    assert steps_of(told) == list(range(16, 21))


def test_a_run_repeats_its_curve_whoever_runs_it():
    def curve(done: int) -> dict[int, float | None]:
        told = asyncio.run(all_of(SimulatedRunner(most_at_once=50), a_launch(done=done)))
        reports = [each.report for each in told if isinstance(each, Observed)]
        return {
            point.step or 0: point.value for each in reports for point in each.points if point.name == "loss"
        }

    whole, rest = curve(0), curve(12)
    assert rest == {step: value for step, value in whole.items() if step > 12}


def test_stop_ends_it_at_once_however_slow_it_is():
    async def story() -> list[Observation]:
        runner = SimulatedRunner(most_at_once=50)
        running = asyncio.ensure_future(all_of(runner, a_launch(speed=0.01)))
        await asyncio.sleep(0)
        await runner.stop(KEY, by="alice")
        return await asyncio.wait_for(running, 5)

    assert asyncio.run(story()) == [Ended(status=Status.STOPPED, reason="Job was manually stopped")]


def test_stopping_what_does_not_run_does_nothing():
    asyncio.run(SimulatedRunner(most_at_once=50).stop(KEY, by="alice"))


def test_many_run_at_once_each_with_a_curve_of_its_own():
    async def story() -> list[list[Observation]]:
        runner = SimulatedRunner(most_at_once=50)
        launches = [
            Launch(key=AttemptKey(number, 1), spec=a_launch().spec, is_new=True, started_at=NOW)
            for number in range(50)
        ]
        return await asyncio.gather(*(all_of(runner, launch) for launch in launches))

    told = asyncio.run(story())
    assert {len(steps_of(each)) for each in told} == {20}
    firsts = {
        next(each for each in observed if isinstance(each, Observed)).report.points[0].value
        for observed in told
    }
    assert len(firsts) == 50


def test_there_is_room_until_it_is_taken_and_again_when_one_has_ended():
    async def story() -> list[bool]:
        runner, launch = SimulatedRunner(most_at_once=1), a_launch(speed=0.01)
        rooms = [runner.has_room_for(launch.spec)]
        running = runner.run(launch)
        rooms.append(runner.has_room_for(launch.spec))
        await runner.stop(KEY, by="alice")
        async for _ in running:
            pass
        return [*rooms, runner.has_room_for(launch.spec)]

    assert asyncio.run(story()) == [True, False, True]
