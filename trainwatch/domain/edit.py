"""What a person changes on a task by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Literal

from trainwatch.domain.status import Status, parse_status
from trainwatch.domain.task import Happening, Task
from trainwatch.domain.text import clean_line, clean_text, is_storable
from trainwatch.errors import BadRequestError, ConflictError, TooLargeError

LONGEST_NAME = 200
"""The most characters of a title or a tag."""

LONGEST_NOTES = 20_000
"""The most characters of the notes."""


MOST_TAGS = 100
"""The most tags of a task."""


MARKED_ENDS = (Status.FAILED, Status.STOPPED)
"""The ends that a person may mark a task with."""


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Stands for "leave it as it is", where None means "nothing"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a person typed; an empty title gives the task back the name it was reported under."""

    title: str | Literal[Unset.UNSET] | None = UNSET
    tags: tuple[str, ...] | Literal[Unset.UNSET] = UNSET
    notes: str | Literal[Unset.UNSET] | None = UNSET


def edit(task: Task, changes: Edit) -> tuple[Task, list[Happening]]:
    """Return `task` after `changes`, and what happened.

    Raises:
        TooLargeError: If the title, a tag or the notes are too long.
        BadRequestError: If one of them is no text that every database keeps.
    """
    facts: dict[str, object] = {}
    if changes.title is not UNSET:
        facts |= _titled(task, _short(changes.title or "", clean_line, LONGEST_NAME, "title"))
    if changes.tags is not UNSET:
        facts["tags"] = _tagged(changes.tags)
    if changes.notes is not UNSET:
        facts["notes"] = _short(changes.notes or "", clean_text, LONGEST_NOTES, "notes") or None
    edited = task.replaced(**facts)
    if edited.title == task.title:
        return edited, []
    return edited, [Happening("renamed", f"renamed to {edited.title}")]


def request_stop(task: Task, *, stop: bool, now: datetime) -> tuple[Task, list[Happening]]:
    """Return `task` with the wish that it stop, or without; asking again changes nothing.

    Raises:
        ConflictError: If it has ended, so that nobody is there to obey.
    """
    if task.is_ended:
        raise ConflictError("the task has already ended")
    if stop == (task.stop_requested_at is not None):
        return task, []
    if stop:
        return task.replaced(stop_requested_at=now), [Happening("stop_requested", "asked to stop")]
    return task.replaced(stop_requested_at=None), [Happening("stop_withdrawn", "no longer asked to stop")]


def mark_ended(task: Task, status: Status, *, by: str) -> tuple[Task, Happening]:
    """Return `task` with the end, one of `MARKED_ENDS`, that its program did not tell, and what happened.

    Nobody knows when it ended: `finished_at` is when it was heard last.

    Raises:
        ConflictError: If it has ended already.
    """
    if task.is_ended:
        raise ConflictError(f"the task has already ended: {task.training_status}")
    reason = f"marked as {status} by {by}"
    ended = task.replaced(
        training_status=status,
        status_reason=reason,
        finished_at=task.last_updated,
        eta_seconds=None,
        start_requested_at=None,
        stop_stage=None,
        stop_stage_ends_at=None,
    )
    return ended, Happening(status.value, reason)


def parse_marked_end(word: object) -> Status:
    """Return the end that `word` names, one of `MARKED_ENDS`.

    Raises:
        BadRequestError: If it names none of them.
    """
    status = parse_status(word) if isinstance(word, str) else None
    if status is None or status not in MARKED_ENDS:
        raise BadRequestError(f"status must be {' or '.join(MARKED_ENDS)}", field="status")
    return status


def archive(task: Task, *, archived: bool, now: datetime) -> tuple[Task, list[Happening]]:
    """Return `task` out of the lists that people look through, or back in them; again changes nothing.

    It may run on: what is reported of it is kept, and its next attempt brings it back.
    """
    if archived == (task.archived_at is not None):
        return task, []
    if archived:
        return task.replaced(archived_at=now), [Happening("archived", "archived")]
    return task.replaced(archived_at=None), [Happening("brought_back", "brought back")]


def _titled(task: Task, title: str) -> dict[str, object]:
    if title:
        return {"title": title, "title_by_user": True}
    return {"title": task.reported_name or task.title, "title_by_user": False}


def _tagged(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > MOST_TAGS:
        raise TooLargeError(f"a task has at most {MOST_TAGS} tags", field="tags")
    short = (_short(tag, clean_line, LONGEST_NAME, "tags") for tag in tags)
    return tuple(dict.fromkeys(tag for tag in short if tag))


def _short(raw: str, clean: Callable[[str], str], longest: int, field: str) -> str:
    if not is_storable(raw):
        raise BadRequestError(f"{field} must be text without NUL", field=field)
    text = clean(raw).strip()
    if len(text) > longest:
        raise TooLargeError(f"{field} must have at most {longest} characters", field=field)
    return text
