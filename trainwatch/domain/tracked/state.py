"""A tracked task as JSON has it, to be kept: all of it but its events, and all but the last of its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from trainwatch.domain.tracked.files import CREATED, MODIFIED
from trainwatch.domain.tracked.progress import Criterion, CurrentAction, ExecutionEvent, TaskProgress
from trainwatch.domain.tracked.told import MOST_FILES, files_counted

_FILES = {CREATED: "files_created", MODIFIED: "files_modified"}
_COUNTS = "files"


def state_of(progress: TaskProgress) -> dict[str, Any]:
    """Return `progress` as plain values; its events, which tell of its files, are kept elsewhere."""
    state: dict[str, Any] = {name: getattr(progress, name) for name in _PLAIN}
    state["criteria"] = [[each.text, each.verified_at] for each in progress.criteria]
    state["action"] = None if progress.action is None else asdict(progress.action)
    state |= {name: state[name][-MOST_FILES:] for name in _FILES.values()}
    state[_COUNTS] = files_counted(progress)
    return state


def lacks_files(state: Mapping[str, Any]) -> bool:
    """Whether `state` has the last files only, so that the events must be asked for all of them."""
    return files_in(state) != _files_kept(state)


def files_in(state: Mapping[str, Any]) -> Mapping[str, int]:
    """Return how many files there are in all, whether `state` has them or not."""
    return state.get(_COUNTS) or _files_kept(state)  # what earlier versions wrote has all of them


def _files_kept(state: Mapping[str, Any]) -> Mapping[str, int]:
    return {effect: len(state[name]) for effect, name in _FILES.items()}


def progress_from(
    state: Mapping[str, Any],
    events: Iterable[ExecutionEvent] = (),
    files: tuple[list[str], list[str]] | None = None,
) -> TaskProgress:
    """Return the progress that `state_of` gave, with these `events`, and these `files` if it lacks some."""
    action = state["action"]
    parts: dict[str, Any] = {
        "criteria": [Criterion(*each) for each in state["criteria"]],
        "action": None if action is None else CurrentAction(**action),
        "events": list(events),
    }
    if files is not None:
        parts |= dict(zip(_FILES.values(), files, strict=True))
    plain = {name: state[name] for name in _PLAIN}
    return TaskProgress(**{**plain, **parts})


_PLAIN: Sequence[str] = tuple(
    name for name in TaskProgress.__dataclass_fields__ if name not in ("events", "criteria", "action")
)
