"""What everybody is told of each change of a tracked task: of the same size however long its lists are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainwatch.domain.tracked.files import CREATED, MODIFIED
from trainwatch.domain.tracked.progress import TaskProgress

MOST_FILES = 50
"""How many files of each list go along, the last ones; who wants all of them asks."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a task stands, of its files at least the last `MOST_FILES`, and how many `files` there are in all."""

    progress: TaskProgress
    files: Mapping[str, int]


def told_of(progress: TaskProgress) -> dict[str, Any]:
    """Return how a task stands, as `to_dict()` has it, with the last files alone."""
    created, modified = progress.files_created[-MOST_FILES:], progress.files_modified[-MOST_FILES:]
    return replace(progress, files_created=created, files_modified=modified).to_dict()


def files_counted(progress: TaskProgress) -> dict[str, int]:
    """Return how many files there are in all."""
    return {CREATED: len(progress.files_created), MODIFIED: len(progress.files_modified)}
