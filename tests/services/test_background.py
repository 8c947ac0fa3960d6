"""A loop outlives whatever its step raises, and what fails is known for as long as it does."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from structlog.testing import capture_logs

from trainwatch.errors import UnavailableError
from trainwatch.services.background import BackgroundLoops

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PATIENCE_S = 15


class Step:
    """A step that raises `errors`, one a call, and then waits for ever."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.was_cancelled = False

    async def __call__(self) -> None:
        self.calls += 1
        if not self.errors:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.was_cancelled = True
                raise
        if (error := self.errors.pop(0)) is not None:
            raise error


def run(loops: BackgroundLoops, *conditions: Callable[[], bool]) -> None:
    async def scenario() -> None:
        async with loops.running(), asyncio.timeout(PATIENCE_S):
            for condition in conditions:
                while not condition():  # noqa: ASYNC110 - what is awaited is a loop's progress
                    await asyncio.sleep(0.001)

    asyncio.run(scenario())


def make_loops(first_retry_s: float = 0.001) -> BackgroundLoops:
    return BackgroundLoops(clock=lambda: NOW, first_retry_s=first_retry_s)


def test_a_step_that_raises_is_logged_and_called_again():
    loops, step = make_loops(), Step(ValueError("a defect"), UnavailableError("the disk is full"))
    loops.add("cleanup", step)
    with capture_logs() as lines:
        run(loops, lambda: step.calls == 3)
    told = [(line["event"], line["loop"], line["reason"]) for line in lines]
    assert told == [
        ("background_step_failed", "cleanup", "ValueError: a defect"),
        ("background_step_failed", "cleanup", "the disk is full"),
    ]
    assert isinstance(lines[0]["exc_info"], ValueError)
    assert lines[1]["exc_info"] is None  # an outage is told in one line


def test_what_fails_is_known_until_it_succeeds():
    loops = make_loops(first_retry_s=0.05)
    step = Step(ValueError("one"), ValueError("two"), None)
    loops.add("cleanup", step, every_s=0.001)
    loops.add("well", Step(None))
    seen: list[tuple[str, str, int]] = []

    def fails_twice() -> bool:
        seen.extend((failure.name, failure.reason, failure.times) for failure in loops.failures)
        return bool(seen) and seen[-1][2] == 2

    with capture_logs() as lines:
        run(loops, fails_twice, lambda: step.calls == 4)
    assert set(seen) == {("cleanup", "ValueError: one", 1), ("cleanup", "ValueError: two", 2)}
    assert loops.failures == []
    assert lines[-1] == {
        "event": "background_step_recovered",
        "loop": "cleanup",
        "after": 2,
        "log_level": "info",
    }


def test_one_that_fails_stops_no_other():
    loops = make_loops()
    broken, well = Step(*[ValueError("x")] * 50), Step(*[None] * 50)
    loops.add("broken", broken)
    loops.add("well", well)
    with capture_logs():
        run(loops, lambda: well.calls == 51)


def test_the_pause_after_an_error_grows():
    loops = make_loops(first_retry_s=3_600)
    step = Step(ValueError("x"), ValueError("y"))
    loops.add("cleanup", step)
    with capture_logs():
        run(loops, lambda: bool(loops.failures))
    assert step.calls == 1


def test_all_have_ended_when_the_server_goes_on_to_close_what_they_use():
    class Reluctant(Step):
        async def __call__(self) -> None:
            try:
                await super().__call__()
            except asyncio.CancelledError:
                raise RuntimeError("not like this") from None

    loops, reluctant, later = make_loops(), Reluctant(), Step()
    loops.add("reluctant", reluctant)
    loops.add("later", later)
    with capture_logs():
        run(loops, lambda: bool(reluctant.calls and later.calls))
    assert later.was_cancelled
