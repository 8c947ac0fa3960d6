"""What a file and a server have in common: they keep changes, and tell how tasks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trainwatch.domain.tracked.change import Change
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.errors import TrainwatchError


@dataclass(frozen=True, slots=True)
class Kept:
    """A change is durable; `stop` tells that somebody, or a limit, wants its task to end."""

    stop: bool


Outcome = Kept | TrainwatchError
"""What became of a change; an error says why it will never be kept."""


class Keeper(Protocol):
    """Keeps changes durably. `keep` is called by one thread, everything else by any.

    All of it raises UnavailableError if the keeper cannot be reached now, and another TrainwatchError if it
    wants to have nothing to do with the caller.
    """

    @property
    def is_shared(self) -> bool:
        """Whether others, too, may change the tasks."""
        ...

    def check_caller(self) -> None:
        """Let the calling thread pass if it may wait for `keep`.

        Raises:
            RuntimeError: If `keep` needs that very thread.
        """
        ...

    def keep(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Keep the first ones of `changes`, one at least, and return what became of each, in order.

        A change whose event id is kept already is kept once. After an error none of them counts as kept.
        """
        ...

    def find(self, task_id: str) -> TaskProgress | None:
        """Return how a task stands, with all of its events; None if nobody has started it."""
        ...

    def active(self) -> list[TaskProgress]:
        """Return the tasks that have not ended, with their last events."""
        ...

    def wants_stop(self, task_id: str) -> bool:
        """Return whether somebody, or a limit, wants the task to end; False if it is not there."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
