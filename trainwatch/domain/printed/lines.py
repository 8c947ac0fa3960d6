"""Lines of no program in particular: "Epoch 3/10 - loss: 0.5, acc=0.9", "step 400: train loss 1.93"."""

import re

from trainwatch.domain.printed import places
from trainwatch.domain.printed.names import QUALIFIERS, SURE_WORDS, is_setting, is_sure, metric_name
from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset(
    {"epoch", "step", "iter", "iteration", "training", "train", "progress", "losses", *SURE_WORDS}
)
MARKS = ("[",)

_LONGEST = 2000
_SURE = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(SURE_WORDS)}|losses)(?![A-Za-z])", re.IGNORECASE)
_PAIR = re.compile(
    rf"(?<![\w./\\@#$'\"`&?-])['\"]?([A-Za-z_][\w./@-]{{0,80}})['\"]?(?:\s?[=:]\s{{0,10}}['\"]?({VALUE})|\s{{1,10}}({VALUE}))(%?)"
    r"(?![\w/:\\@`&]|\.\w|-\w|['\"]?\s?[:=]|\s?(?:[kMGT]i?B|GB|ms)\b)"
)
_BEFORE = re.compile(r"(?<![A-Za-z])([A-Za-z]{2,15})\.? \Z")
_NO_REPORT = re.compile(
    r"[A-Za-z_]\w{0,60}\([A-Za-z_]\w{0,60}=|://|\.py\b|HTTP/|[0-9] (?:is|was|were|are|because|which|that|if|when)\b"
    r"|^\s{0,40}(?:>>>|\$ |\+ |usage:|diff |@@ |def |class |import |return |if |for |#\s?[a-z])|[;{]\s{0,9}\Z"
)
"""Code, commands, requests and prose, in which a number behind "loss" is no news."""
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
    if not _SURE.search(line):
        return places.read(line)
    metrics = {} if _NO_REPORT.search(line) else _metrics(line)
    return _placed(line, metrics) if metrics else None


def _metrics(line: str) -> "dict[str, float]":
    """Return every pair of a line with at least one that is surely a metric; none for a list of arguments."""
    metrics: dict[str, float] = {}
    settings, is_training = 0, False
    for pair in _PAIR.finditer(line):
        printed, number, loose, percent = pair.groups()
        sure = is_sure(printed)
        if loose and not (sure and not loose.lstrip("+-").isdigit()):
            continue
        before = _before(line, pair.start()) if sure else ""
        if before in _NOT_LOSSES:
            continue
        settings += is_setting(printed)
        is_training |= sure
        name = metric_name(f"{before} {printed}" if before in QUALIFIERS else printed)
        value = value_of(number or loose)
        if name is not None and value is not None:
            metrics.setdefault(name, value / 100 if percent else value)
    return metrics if is_training and settings < 2 else {}


def _before(line: str, at: int) -> str:
    """Return the word before `at`, lower case; it may belong to the name, as in "Val loss"."""
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
