"""Follows an attempt that was started, from what it prints to its end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import structlog

from trainwatch.domain.status import Status
from trainwatch.runners.base import Ended, Observation, Stopping
from trainwatch.runners.ear import Ear
from trainwatch.supervisor.attempt import Attempt, Handle, Lost, NoAttemptError, adopt, settle
from trainwatch.supervisor.attempt import Ended as Over
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.records import Exit
from trainwatch.supervisor.stage import Stage
from trainwatch.supervisor.survivors import end_survivors

LOOK_EVERY_S = 0.1
"""How often a log and a state are looked at: what is printed is on the page about as soon."""

ADOPT_EVERY_S = 1.0
"""How often an attempt is looked for that could not be looked at."""

HEARD_WITHIN_S = 2.0
"""How long the end waits for what was printed before it; what is not heard by then is heard after it."""

UNHEARD = "unheard"
"""The file in an attempt's folder that says: it has ended, but not all that it printed was heard yet."""

log = structlog.get_logger()

STOPS = (Stage.INTERRUPTING, Stage.TERMINATING, Stage.KILLING)


async def take_up(folder: Path) -> Attempt:
    """Return what has become of an attempt that was begun, as soon as that can be told.

    That it cannot be told now is no end: the job runs on, seen or not.

    Raises:
        NoAttemptError: If nobody ever described an attempt there.
        ValueError: If its files were tampered with.
    """
    is_told = False
    while True:
        try:
            return await asyncio.to_thread(adopt, folder)
        except NoAttemptError:
            raise
        except OSError as error:
            if not is_told:
                log.warning("attempt_not_found_out", folder=folder.name, reason=str(error))
            is_told = True
            await asyncio.sleep(ADOPT_EVERY_S)


async def follow(
    folder: Path, attempt: Attempt, number: int, asked_by: Callable[[], str | None] = lambda: None
) -> AsyncIterator[Observation]:
    """Yield what an attempt tells that was started, until nothing of it is left and all that it printed was heard.

    `asked_by` says who asked it to stop, for an end that does not: the disk was too full for the request.
    Its end does not wait for the latter: points of a job that printed too much to be heard at once come after it.
    """
    ear = await asyncio.to_thread(Ear, folder, number)
    stage, ended_at = Stage.RUNNING, None
    while True:
        for observation in await asyncio.to_thread(ear.listen):
            yield observation
        if isinstance(attempt, Handle):
            if attempt.state.stage is not stage:
                stage = attempt.state.stage
                if stage in STOPS:
                    yield Stopping(stage=stage.value, ends_at=_moment(attempt.state.stage_ends_at))
            await asyncio.sleep(LOOK_EVERY_S if ear.has_caught_up else 0)
            attempt = await take_up(folder)
            continue
        ended_at = ended_at or time.monotonic()
        if ear.has_caught_up or time.monotonic() - ended_at > HEARD_WITHIN_S:
            break
    for observation in await asyncio.to_thread(ear.conclude):
        yield observation
    if not ear.has_caught_up:
        with suppress(OSError):  # then only a server that ends too soon misses the rest
            await asyncio.to_thread((folder / UNHEARD).touch, 0o600)
    record = (await asyncio.to_thread(_settled, attempt)).exit
    yield _end_of(_with_asker(record, asked_by()), ear.failure)
    async for observation in _late(folder, ear):
        yield observation


async def hear_rest(folder: Path, number: int) -> AsyncIterator[Observation]:
    """Yield what an attempt printed whose end was told before all of it was heard.

    It is heard from its first byte on: only so does each point find its step.
    """
    ear = await asyncio.to_thread(Ear, folder, number)
    async for observation in _late(folder, ear):
        yield observation


async def _late(folder: Path, ear: Ear) -> AsyncIterator[Observation]:
    """Yield what is left to be heard when the end is told already."""
    while not ear.has_caught_up:
        for observation in await asyncio.to_thread(ear.listen):
            yield observation
        if ear.has_caught_up:
            for observation in ear.conclude():
                yield observation
    with suppress(OSError):  # then it is heard once more, which changes nothing
        await asyncio.to_thread((folder / UNHEARD).unlink, missing_ok=True)


def _settled(attempt: Attempt) -> Over:
    """Return the end of an attempt that runs no more; what an attempt that was lost left behind is ended."""
    if isinstance(attempt, Lost):
        leftovers = end_survivors(attempt.marker)
        return settle(attempt, finished_at=time.time(), leftovers=leftovers)  # noqa: TID251 - as the supervisor's
    assert isinstance(attempt, Over)
    return attempt


def _with_asker(record: Exit, by: str | None) -> Exit:
    """Return the record with who asked it to stop, where it was asked and does not say by whom."""
    return record._replace(stopped_by=by) if by and record.stopped and record.stopped_by == "" else record


def _end_of(record: Exit, failure: str | None) -> Ended:
    """Return the end that an exit record tells; what the job printed last may say why it failed."""
    words = reason(record)
    if record.stopped:
        was_killed = record.last_stage == Stage.KILLING.value
        return Ended(status=Status.STOPPED, reason=words, exit_code=record.code, was_killed=was_killed)
    if record.code == 0 and record.launch_error is None and record.lost is None:
        return Ended(status=Status.COMPLETE, reason=words, exit_code=0)
    if failure is not None and record.code is not None:
        words = f"{words}: {failure}"
    return Ended(status=Status.FAILED, reason=words, exit_code=record.code)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
