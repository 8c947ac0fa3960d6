"""Which files an agent created and which it modified: what its actions tell."""

from collections.abc import Iterable, Mapping
from typing import Any

CREATED, MODIFIED = "created", "modified"

_CREATING = frozenset({"write", "create"})
_MODIFYING = "edit"


def effect_of(action: str, target: str, *, success: bool) -> str | None:
    """Return what an action that is done was to the file `target`: "created", "modified", or nothing."""
    kind = action.lower()
    if not success or not target:
        return None
    return CREATED if kind in _CREATING else MODIFIED if kind == _MODIFYING else None


def files_of(actions: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the files that were created and those that were modified, each once, in the order in which they were.

    `actions` are the details of the events that tell of them.
    """
    found: dict[str, dict[str, None]] = {CREATED: {}, MODIFIED: {}}
    for each in actions:
        effect = effect_of(each["action"], each["target"], success=each["success"])
        if effect is not None:
            found[effect].setdefault(each["target"])
    return list(found[CREATED]), list(found[MODIFIED])
