"""What XGBoost, LightGBM and CatBoost print as they evaluate."""

import re

from trainwatch.domain.printed.numbers import VALUE, seconds_of, value_of, whole
from trainwatch.domain.printed.reading import Reading

MARKS = ("]\t", "\tlearn:")

_ROUND = re.compile(
    rf"(?:\[[0-9:]{{1,12}}\] )?\[([0-9]{{1,16}})\]((?:\t[^\t:]{{1,80}}: ?{VALUE}(?:\+{VALUE}| \+ {VALUE})?)+)\s{{0,40}}"
)
_ENTRY = re.compile(rf"\t([^\t:]{{1,80}}): ?({VALUE})")
_CATBOOST = re.compile(
    rf"([0-9]{{1,16}}):((?:\t[a-z0-9]+: {VALUE}(?: \([0-9]{{1,16}}\))?)+)\ttotal: \S.{{0,20}}\tremaining: (.{{1,30}})"
)


def read(line: str) -> Reading | None:
    """Return what one round of boosting says; rounds are counted from 0 (LightGBM: from 1) as printed."""
    found = _ROUND.fullmatch(line)
    if found:
        return Reading(metrics=_metrics(found[2]), done=whole(found[1]), counter="rounds")
    found = _CATBOOST.fullmatch(line)
    if found is None:
        return None
    metrics = {name: value for name, value in _metrics(found[2]).items() if name != "best"}
    return Reading(metrics=metrics, done=whole(found[1]), counter="rounds", eta_seconds=seconds_of(found[3]))


def _metrics(entries: str) -> "dict[str, float]":
    metrics: dict[str, float] = {}
    for printed, number in _ENTRY.findall(entries):
        # LightGBM's "valid_1's l2" is written as XGBoost would
        value = value_of(number)
        if value is not None:
            metrics[printed.strip().replace("'s ", "-")] = value
    return metrics
