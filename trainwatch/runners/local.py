"""The runner of real processes on this machine: a supervisor each, which outlives the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from trainwatch.domain.job import JobSpec
from trainwatch.domain.status import Status
from trainwatch.domain.template_command import Command
from trainwatch.errors import ConflictError, TrainwatchError, UnavailableError
from trainwatch.runners.base import HURRIED, WORK, AttemptKey, Ended, Launch, Observation
from trainwatch.runners.following import STOPS, UNHEARD, follow, hear_rest, take_up
from trainwatch.runners.gpus import VISIBLE, Gpus
from trainwatch.strict_modes import distrust, make_folder
from trainwatch.supervisor import folder as files
from trainwatch.supervisor.attempt import Attempt, Handle, NoAttemptError, Unstarted, adopt
from trainwatch.supervisor.launch import AlreadyStartedError, LaunchError
from trainwatch.supervisor.launch import launch as start_supervised
from trainwatch.supervisor.spec import LaunchSpec, LogLimits, new_marker
from trainwatch.supervisor.stop import request_stop

CommandOf = Callable[[JobSpec, int], Command]
"""Returns what a job of a task's id executes. Raises TrainwatchError if this machine does not offer it."""

EnvironmentOf = Callable[[AttemptKey], Awaitable[Mapping[str, str]]]
"""Returns what the environment of an attempt holds besides: where and as whom it may report by itself."""

_LOG_LIMITS = LogLimits()


class LocalRunner:
    """A `Runner` that keeps each attempt in a folder of its own beneath `folder`."""

    def __init__(  # noqa: PLR0913 - what a job gets comes from many places
        self,
        folder: Path,
        command_of: CommandOf,
        environment_of: EnvironmentOf,
        *,
        most_at_once: int,
        gpus: Gpus,
        log: LogLimits = _LOG_LIMITS,
        inherited: Mapping[str, str] | None = None,
    ) -> None:
        """Execute what `command_of` says, `most_at_once` of them, each on the GPU that it requires alone.

        Of what each prints, as much is kept as `log` says. What each has of the environment but its own is
        `inherited`, or else all of ours.
        """
        self._folder = folder
        self._command_of = command_of
        self._environment_of = environment_of
        self._most_at_once = most_at_once
        self._gpus = gpus
        self._log = log
        self._inherited = inherited
        self._running: set[AttemptKey] = set()
        self._starting: set[AttemptKey] = set()
        self._askers: dict[AttemptKey, str] = {}
        self._stopping = ThreadPoolExecutor(2, "trainwatch-stop")  # so that a stop waits for no reader
        self._asked: dict[AttemptKey, list[tuple[str, str | None]]] = {}

    def has_room_for(self, spec: JobSpec) -> bool:
        """Whether there is a place, and the GPU that the job requires is free; where it never will be, it may fail."""
        return len(self._running) < self._most_at_once and self._gpus.may_have(spec.command.gpu)

    def folder_of(self, key: AttemptKey) -> Path:
        """Return where everything about an attempt is."""
        return self._folder / key.folder

    def run(self, launch: Launch) -> AsyncIterator[Observation]:
        """Start the process, or find it again, and yield what it prints and how it ends."""
        self._running.add(launch.key)
        self._starting.add(launch.key)
        if launch.is_new:
            self._gpus.take(launch.key, launch.spec.command.gpu)
        else:
            self._gpus.take(launch.key, _gpu_of(self.folder_of(launch.key)))
        return self._run(launch)

    async def _run(self, launch: Launch) -> AsyncIterator[Observation]:
        try:
            async for observation in self._observations(launch):
                if isinstance(observation, Ended):
                    self._make_room(launch.key)  # though what it printed may still be heard
                yield observation
        finally:
            self._make_room(launch.key)

    def _make_room(self, key: AttemptKey) -> None:
        self._running.discard(key)
        self._starting.discard(key)
        self._asked.pop(key, None)
        self._askers.pop(key, None)
        self._gpus.give_back(key)

    async def _observations(self, launch: Launch) -> AsyncIterator[Observation]:
        try:
            self._gpus.require(launch.key, launch.spec.command.gpu)
            attempt = await self._begin(launch)
            if attempt is None:
                yield Ended(status=Status.STOPPED, reason=f"stopped by {self._asked[launch.key][0][0]}")
                return
            self._starting.discard(launch.key)
        except (LaunchError, TrainwatchError, OSError, ValueError) as error:
            yield Ended(status=Status.FAILED, reason=f"could not be started: {_words(error)}")
            return
        for by, over in self._asked.pop(launch.key, ()):
            with suppress(UnavailableError):  # whoever follows the attempt finds the same
                await self.stop(launch.key, by=by, over=over)
        folder, number = self.folder_of(launch.key), launch.key.attempt
        async for observation in follow(folder, attempt, number, lambda: self._askers.get(launch.key)):
            yield observation

    async def unfinished(self) -> Mapping[AttemptKey, AsyncIterator[Observation]]:
        """Return what is still to be heard of attempts whose end was told by a server that ended before it had heard them."""
        found = await asyncio.to_thread(_unheard, self._folder)
        return {key: hear_rest(self.folder_of(key), key.attempt) for key in found}

    async def stop(self, key: AttemptKey, *, by: str, over: str | None = None) -> None:
        """Ask the supervisor to stop the job.

        A job that nobody has come to start yet is never started; one that is just being started is asked as soon as it has.

        Raises:
            UnavailableError: If its supervisor cannot be asked.
        """
        self._askers.setdefault(key, by)
        if key in self._starting:
            self._asked.setdefault(key, []).append((by, over))
            return
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._stopping, _ask, self.folder_of(key), by, over
            )
        except (OSError, ValueError) as error:
            raise UnavailableError(f"the job could not be asked to stop: {error}") from error

    async def _begin(self, launched: Launch) -> Attempt | None:
        """Return the attempt as it stands: started now, or found; None where it was to stop before it was started."""
        folder = self.folder_of(launched.key)
        if not launched.is_new:
            try:
                attempt = await take_up(folder)
            except NoAttemptError:
                pass  # the server ended between the decision and the deed
            else:
                if not isinstance(attempt, Unstarted):
                    return attempt
        spec = await self._spec(launched)
        await asyncio.to_thread(_make_trusted, self._folder)
        if launched.key in self._asked:
            return None
        try:
            return await asyncio.to_thread(start_supervised, folder, spec, self._inherited)
        except AlreadyStartedError:
            return await take_up(folder)

    async def _spec(self, launched: Launch) -> LaunchSpec:
        command = self._command_of(launched.spec, launched.key.task_id)
        env = await self._environment_of(launched.key)
        work = self.folder_of(launched.key) / WORK
        if command.cwd is None:
            await asyncio.to_thread(make_folder, work)
        return LaunchSpec(
            argv=command.argv,
            cwd=command.cwd or str(work),
            marker=new_marker(),
            env={**env, **self._gpus.environment_of(launched.key), **command.env},
            grace_interrupt_s=command.grace_interrupt_s,
            grace_terminate_s=command.grace_terminate_s,
            log=self._log,
        )


def _ask(folder: Path, by: str, over: str | None) -> None:
    """Ask the job in `folder` to stop; where there is no folder there is nothing to stop.

    Who cannot wait for a stage of stopping also wants a job to stop that nobody has asked yet.
    """
    with suppress(FileNotFoundError):
        attempt = adopt(folder)
        if over in HURRIED and isinstance(attempt, Handle) and attempt.state.stage not in STOPS:
            over = None
        request_stop(folder, by, at=time.time(), over=over)  # noqa: TID251 - the supervisor's own clock


def _make_trusted(folder: Path) -> None:
    """Make the folder of all attempts if need be.

    Raises:
        ConflictError: If others could change what is in it.
    """
    make_folder(folder)
    if (why := distrust(folder)) is not None:
        raise ConflictError(str(why))


def _unheard(folder: Path) -> list[AttemptKey]:
    keys = (AttemptKey.from_folder(path.parent.name) for path in folder.glob(f"*/{UNHEARD}"))
    return [key for key in keys if key is not None]


def _gpu_of(folder: Path) -> int | None:
    """Return the GPU that an attempt was given when it was launched."""
    try:
        launched = files.read(str(folder), files.LAUNCH) or {}
    except ValueError:
        return None
    index = launched.get("env", {}).get(VISIBLE)
    return int(index) if isinstance(index, str) and index.isdigit() else None


def _words(error: Exception) -> str:
    return error.message if isinstance(error, TrainwatchError) else str(error)
