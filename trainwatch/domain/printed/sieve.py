"""Which lines may say something: asked of all that is printed, so it must cost next to nothing."""

import re
from collections.abc import Iterable, Set
from itertools import groupby

from trainwatch.domain.printed import failures, ultralytics
from trainwatch.domain.printed.rules import RULES, word_shape

_Parts = tuple[str, ...]

_ROWS = {("^[^\\S\n]{0,40}(?:0|all\\s)",), ("class",)}
"""What may be a row or a header of a table, once there is one."""


def speaking(shapes: Iterable[bytes], *, in_table: bool) -> Set[bytes]:
    """Return those of `shapes` (see `rules.shape_of`) whose lines have to be read; the others say nothing.

    A flood has few shapes, so however long it is, little is looked at.
    """
    different = list(set(shapes))
    together = b"\n".join(different).lower()
    found: set[bytes] = set()
    number = at = 0
    for hit in (_IN_TABLE if in_table else _ANYWHERE).finditer(together):
        last = hit.end() - 1
        if last < at:
            continue  # of the same one
        number += together.count(b"\n", at, last)
        found.add(different[number])
        at = together.find(b"\n", last)
        if at < 0:
            break
    return found


def _word(word: str) -> _Parts:
    return *map(re.escape, word_shape(word)), "(?![a-z])"


def _either(patterns: Set[_Parts]) -> str:
    """Return a pattern for any of `patterns`, each cut into parts; a beginning that several share is looked at once."""
    if () in patterns:
        return ""
    alternatives = [
        first + _either({parts[1:] for parts in same})
        for first, same in groupby(sorted(patterns), lambda parts: parts[0])
    ]
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"


def _compiled(patterns: Set[_Parts]) -> "re.Pattern[bytes]":
    return re.compile(_either(patterns).encode(), re.MULTILINE)


_SAID: Set[_Parts] = {
    *(_word(word) for rule in RULES for word in rule.words),
    *((sign,) for rule in RULES for sign in rule.signs),
    *(tuple(map(re.escape, mark.lower())) for mark in (*failures.MARKS, ultralytics.MARK)),
}
_ANYWHERE = _compiled(_SAID)
_IN_TABLE = _compiled(_SAID | _ROWS)
