"""What every runner offers, and what it tells."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from trainwatch.domain.job import JobSpec
from trainwatch.domain.report import Report
from trainwatch.domain.status import Status

WORK = "work"
"""The folder within an attempt's that the job runs in: what it saves there is its own affair, and may be of any size."""

_FOLDER = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """One execution of a job."""

    task_id: int
    attempt: int

    @property
    def folder(self) -> str:
        """The name of its folder, among those of all attempts that run on this machine."""
        return f"{self.task_id}-{self.attempt}"

    @classmethod
    def from_folder(cls, name: str) -> Self | None:
        """Return the attempt whose folder is of that name; None if it is no attempt's."""
        found = _FOLDER.fullmatch(name)
        return cls(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to execute, and how far it already is.

    `is_new` tells an attempt that begins from one that was running when the server stopped.
    """

    key: AttemptKey
    spec: JobSpec
    is_new: bool
    started_at: datetime
    done_steps: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """How the training goes."""

    report: Report


@dataclass(frozen=True, slots=True)
class Logged:
    """The job has printed: its log has grown to `size` bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class Understood:
    """What the job prints was understood by these rules, so far; numbers of it come from there."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """An order to stop is being carried out: `stage` is "interrupting", "terminating" or "killing".

    `ends_at` is when the next stage begins; None for the last one.
    """

    stage: str
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The attempt is over: complete, failed or stopped, with a reason in words. Told once.

    `was_killed` says that it was stopped, and that asking did not suffice.
    """

    status: Status
    reason: str
    exit_code: int | None = None
    was_killed: bool = False


Observation = Observed | Logged | Understood | Stopping | Ended


UNASKED = "running"
"""The stage of an attempt that nobody has asked to end."""


HURRIED = ("interrupting", "terminating")
"""The stages of stopping for whose end somebody may not want to wait; the last one has none."""


class Runner(Protocol):
    """Executes attempts, as many at once as it has room for."""

    def has_room_for(self, spec: JobSpec) -> bool:
        """Whether an attempt of such a job could start now; if not, it waits for its turn."""
        ...

    def run(self, launch: Launch) -> AsyncIterator[Observation]:
        """Start the attempt, or take it up again, and yield what is observed, up to `Ended`.

        It has its room from the call on, before anything is asked of the iterator, until `Ended`. After that only
        what the attempt had printed by then may come, where there was too much of it to be heard in time.

        Closing the iterator, or cancelling it, lets go of the attempt without ending it: a later `run`
        with `is_new` false takes it up.
        """
        ...

    async def unfinished(self) -> Mapping[AttemptKey, AsyncIterator[Observation]]:
        """Return the rest of each attempt whose end was told before all of it was observed.

        It is asked for once, when the server starts.
        """
        ...

    async def stop(self, key: AttemptKey, *, by: str, over: str | None = None) -> None:
        """Ask an attempt that runs to end, and return at once. Asking again changes nothing.

        With `over` it is asked only if that is its present stage, which ends at once: `UNASKED`, or a `Stopping.stage`
        for which somebody cannot wait.
        """
        ...
