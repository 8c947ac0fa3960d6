"""What Megatron-LM prints, and what grew from it."""

import re

from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset({"iteration"})

_ITERATION = re.compile(r".{0,60}?\biteration\s{1,40}([0-9]{1,16})/\s{0,40}([0-9]{1,16}) \|(.{1,4000})")
_ENTRY = re.compile(rf"\s{{0,40}}([A-Za-z][\w ()./-]{{0,80}}?):\s{{0,40}}({VALUE})\s{{0,40}}")
_KEPT = re.compile(r"loss|grad norm|learning rate|params norm|perplexity|accuracy")
_NOT_KEPT = re.compile(r"loss scale")


def read(line: str) -> Reading | None:
    """Return what "iteration 10/ 1000 | lm loss: 1.0E+01 |" says."""
    found = _ITERATION.match(line)
    if found is None:
        return None
    return Reading(
        metrics=_metrics(found[3]),
        scope="run",
        done=whole(found[1]),
        total=whole(found[2]),
        counter="iterations",
    )


def _metrics(entries: str) -> "dict[str, float]":
    metrics: dict[str, float] = {}
    for entry in entries.split("|"):
        pair = _ENTRY.fullmatch(entry)
        if pair and _KEPT.search(pair[1]) and not _NOT_KEPT.search(pair[1]):
            name, value = metric_name(pair[1]), value_of(pair[2])
            if name is not None and value is not None:
                metrics[name] = value
    return metrics
