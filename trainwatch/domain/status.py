"""The states of a task, the words reporters use for them, and which may follow which."""

from enum import StrEnum

STOPPED_BY_HAND = "Job was manually stopped"
"""Why an attempt is over that a person stopped, where nothing else is said."""


class Status(StrEnum):
    """The canonical states; the last three are terminal for an attempt."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_terminal(self) -> bool:
        """Whether an attempt in this state is over."""
        return self in _TERMINAL


class TaskType(StrEnum):
    """What kind of work a task is."""

    TRAINING = "training"
    AGENT = "agent"
    GENERIC = "generic"


_TERMINAL = frozenset({Status.COMPLETE, Status.FAILED, Status.STOPPED})

NEXT: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.PAUSED, *_TERMINAL}),
    Status.RUNNING: frozenset({Status.PAUSED, *_TERMINAL}),
    Status.PAUSED: frozenset({Status.RUNNING, *_TERMINAL}),
    Status.COMPLETE: frozenset(),
    Status.FAILED: frozenset(),
    Status.STOPPED: frozenset(),
}

SYNONYMS: dict[str, Status] = {
    **{status.value: status for status in Status},
    "training": Status.RUNNING,
    "in_progress": Status.RUNNING,
    "started": Status.RUNNING,
    "start": Status.RUNNING,
    "resumed": Status.RUNNING,
    "pending": Status.QUEUED,
    "waiting": Status.QUEUED,
    "finished": Status.COMPLETE,
    "done": Status.COMPLETE,
    "success": Status.COMPLETE,
    "succeeded": Status.COMPLETE,
    "completed": Status.COMPLETE,
    "error": Status.FAILED,
    "failure": Status.FAILED,
    "crashed": Status.FAILED,
    "cancelled": Status.STOPPED,
    "canceled": Status.STOPPED,
    "aborted": Status.STOPPED,
    "killed": Status.STOPPED,
}


def parse_status(word: str) -> Status | None:
    """Return the state that `word` names, in any case and with "-" or " " for "_"; None if unknown."""
    return SYNONYMS.get(word.strip().lower().replace("-", "_").replace(" ", "_"))
