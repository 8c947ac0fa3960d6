"""Lines of no program in particular: "Epoch 3/10 - loss: 0.5, acc=0.9", "step 400: train loss 1.93"."""

import re
from functools import lru_cache
from typing import NamedTuple

from trainwatch.domain.printed import places
from trainwatch.domain.printed.names import QUALIFIERS, SURE_WORDS, is_setting, is_sure, metric_name
from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset(
    {"epoch", "step", "iter", "iteration", "training", "train", "progress", "losses", *SURE_WORDS}
)
MARKS = ("[",)
SIGNS = (r"\[[ \t]{0,99}0{1,12}[ \t]{0,99}/", r"\([ \t]{0,99}0{1,12}[ \t]{0,99}/")

_LONGEST = 2000
LONGEST_KEPT = 400
"""Characters of a line whose shape is remembered."""
_ZEROS = str.maketrans("123456789", "000000000")
_NAME_WITH_DIGIT = re.compile(r"[^\W0]0|(?<![\w.])[A-Za-z_][\w./@-]*0")
"""In a shape; names are what `_PAIR` takes for one, so "acc@0" and "top-0" as well, but not "0e-00"."""
_SURE = re.compile(rf"(?<![a-z])(?:{'|'.join(SURE_WORDS)}|losses)(?![a-z])")
"""For a line in lower case: to leave the case to the expression takes ten times as long."""
_PAIR = re.compile(
    rf"(?<![\w./\\@#$'\"`&?-])['\"]?([A-Za-z_][\w./@-]{{0,80}})['\"]?(?:\s?[=:]\s{{0,10}}['\"]?({VALUE})|\s{{1,10}}({VALUE}))(%?)"
    r"(?![\w/:\\@`&]|\.\w|-\w|['\"]?\s?[:=]|\s?(?:[kMGT]i?B|GB|ms)\b)"
)
_BEFORE = re.compile(r"(?<![A-Za-z])([A-Za-z]{2,15})\.? \Z")
_SCRIPT = re.compile(r"\.py\b")
_CALL = re.compile(r"[A-Za-z_]\w{0,60}\([A-Za-z_]\w{0,60}=")
_PROSE = re.compile(r"[0-9] (?:is|was|were|are|because|which|that|if|when)\b")
_STATEMENT = re.compile(
    r"\s{0,40}(?:>>>|\$ |\+ |usage:|diff |@@ |def |class |import |return |if |for |#\s?[a-z])"
)
_PLACE = re.compile(
    r"(?<![\w-])(?:(epoch)|(?:global[ _])?(?:step|iter|iteration|batch|update|it))s?\s{0,3}[=:#]?\s{0,3}"
    r"[\[(]?\s{0,8}([0-9]{1,12})(?:\s{0,8}(?:/|of)\s{0,8}([0-9]{1,12}))?(?![\w%]|\.[0-9])",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(?<![\w\]\[/])\[\s{0,8}([0-9]{1,12})\s?/\s{0,8}([0-9]{1,12})\]")
_NOT_LOSSES = frozenset({"packet", "data", "weight", "heat"})


class _Spots(NamedTuple):
    """Where in a line stands what it says. `metrics`: under which name, where the number is, and whether in percent.

    Where nothing is surely about training, the line as a whole may still name a place.
    """

    metrics: tuple[tuple[str, slice, bool], ...] = ()
    epoch: slice | None = None
    last_epoch: slice | None = None
    done: slice | None = None
    total: slice | None = None
    is_sure: bool = True


def read(line: str) -> Reading | None:
    """Return what `line` says if it is about training; where that is unclear it says nothing."""
    if len(line) > _LONGEST:
        return None
    known = _spots_of(line.translate(_ZEROS)) if len(line) <= LONGEST_KEPT else None
    spots = known or _spots_in(line)
    if not spots.is_sure:
        return places.read(line)
    metrics: dict[str, float] = {}
    for name, spot, is_percent in spots.metrics:
        value = value_of(line[spot])
        if value is not None and name not in metrics:
            metrics[name] = value / 100 if is_percent else value
    if not metrics:
        return None
    return Reading(
        metrics,
        done=_whole_at(line, spots.done),
        total=_whole_at(line, spots.total),
        counter="lines",
        epoch=_whole_at(line, spots.epoch),
        last_epoch=_whole_at(line, spots.last_epoch),
    )


@lru_cache(maxsize=1024)
def _spots_of(shape: str) -> _Spots | None:
    """Return where lines of this shape, a 0 for every digit, have what they say; None if not all have it in the same place.

    What stands where does not depend on which digits there are, but for names that have some: "f1" is a metric,
    "f2" is none. A job prints few shapes, so most lines need no search.
    """
    return None if _NAME_WITH_DIGIT.search(shape) else _spots_in(shape)


def _spots_in(line: str) -> _Spots:
    if not _SURE.search(line.lower()):
        return _Spots(is_sure=False)
    metrics = () if _is_no_report(line) else _metrics(line)
    return _placed(line, metrics) if metrics else _Spots()


def _whole_at(line: str, spot: slice | None) -> int | None:
    return None if spot is None else whole(line[spot])


def _is_no_report(line: str) -> bool:
    """Whether a line is code, a command, a request or prose, in which a number behind "loss" is no news."""
    return bool(
        "://" in line
        or "HTTP/" in line
        or (".py" in line and _SCRIPT.search(line))
        or ("(" in line and _CALL.search(line))
        or _STATEMENT.match(line)
        or _PROSE.search(line)
        or line.rstrip().endswith((";", "{"))
    )


def _metrics(line: str) -> tuple[tuple[str, slice, bool], ...]:
    """Return every pair of a line with at least one that is surely a metric; none for a list of arguments."""
    metrics: list[tuple[str, slice, bool]] = []
    settings, is_training = 0, False
    for pair in _PAIR.finditer(line):
        printed, _, loose, percent = pair.groups()
        sure, setting, name = _named(printed)
        if loose and not (sure and not loose.lstrip("+-").isdigit()):
            continue
        if sure and (before := _before(line, pair.start())):
            if before in _NOT_LOSSES:
                continue
            if before in QUALIFIERS:
                name = metric_name(f"{before} {printed}")
        settings += setting
        is_training |= sure
        if name is not None:
            metrics.append((name, slice(*pair.span(3 if loose else 2)), bool(percent)))
    return tuple(metrics) if is_training and settings < 2 else ()


@lru_cache(maxsize=4096)
def _named(printed: str) -> tuple[bool, bool, str | None]:
    return is_sure(printed), is_setting(printed), metric_name(printed)


def _before(line: str, at: int) -> str:
    """Return the word before `at`, lower case; it may belong to the name, as in "Val loss"."""
    if line[at - 1 : at] != " ":
        return ""
    word = _BEFORE.search(line[max(at - 20, 0) : at])
    return word[1].lower() if word else ""


def _placed(line: str, metrics: tuple[tuple[str, slice, bool], ...]) -> _Spots:
    epoch: tuple[slice | None, slice | None] = None, None
    count: tuple[slice | None, slice | None] = None, None
    for place in _PLACE.finditer(line):
        if place[1] and epoch[0] is None:
            epoch = _span(place, 2), _span(place, 3)
        elif not place[1] and count[0] is None:
            count = _span(place, 2), _span(place, 3)
    if count[0] is None and (found := _COUNT.search(line)):
        count = _span(found, 1), _span(found, 2)
    return _Spots(metrics, *epoch, *count)


def _span(match: "re.Match[str]", group: int) -> slice | None:
    start, end = match.span(group)
    return slice(start, end) if start >= 0 else None
