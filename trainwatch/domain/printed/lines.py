"""Lines of no program in particular: "Epoch 3/10 - loss: 0.5, acc=0.9", "step 400: train loss 1.93"."""

import re
from functools import lru_cache

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


def read(line: str) -> Reading | None:
    """Return what `line` says if it is about training; where that is unclear it says nothing."""
    if len(line) > _LONGEST:
        return None
    if not _SURE.search(line.lower()):
        return places.read(line)
    metrics = {} if _is_no_report(line) else _metrics(line)
    return _placed(line, metrics) if metrics else None


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


def _metrics(line: str) -> "dict[str, float]":
    """Return every pair of a line with at least one that is surely a metric; none for a list of arguments."""
    metrics: dict[str, float] = {}
    settings, is_training = 0, False
    for pair in _PAIR.finditer(line):
        printed, number, loose, percent = pair.groups()
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
        value = value_of(number or loose)
        if name is not None and value is not None and name not in metrics:
            metrics[name] = value / 100 if percent else value
    return metrics if is_training and settings < 2 else {}


@lru_cache(maxsize=4096)
def _named(printed: str) -> tuple[bool, bool, str | None]:
    return is_sure(printed), is_setting(printed), metric_name(printed)


def _before(line: str, at: int) -> str:
    """Return the word before `at`, lower case; it may belong to the name, as in "Val loss"."""
    if line[at - 1 : at] != " ":
        return ""
    word = _BEFORE.search(line[max(at - 20, 0) : at])
    return word[1].lower() if word else ""


def _placed(line: str, metrics: "dict[str, float]") -> Reading:
    epoch: int | None = None
    last_epoch: int | None = None
    done: int | None = None
    total: int | None = None
    for is_epoch, number, of in _PLACE.findall(line):
        if is_epoch and epoch is None:
            epoch, last_epoch = whole(number), whole(of)
        elif not is_epoch and done is None:
            done, total = whole(number), whole(of)
    if done is None and "[" in line:
        count = _COUNT.search(line)
        if count:
            done, total = whole(count[1]), whole(count[2])
    return Reading(metrics, done=done, total=total, counter="lines", epoch=epoch, last_epoch=last_epoch)
