"""Bars as rich draws them, which is how Lightning shows its progress where rich is installed."""

import re

from trainwatch.domain.printed.bars import pairs
from trainwatch.domain.printed.labels import understood
from trainwatch.domain.printed.numbers import seconds_of, whole
from trainwatch.domain.printed.reading import Reading

MARKS = ("━", "╸")

_LIGHTNING = re.compile(
    r"\s{0,8}(?P<label>[A-Za-z][^━╸╺]{0,80}?)\s{1,8}[━╸╺][━╸╺ ]{0,300} (?P<done>[0-9]{1,16})/(?P<total>[0-9]{1,16}|\?|--) {1,9}"
    r"(?P<elapsed>[0-9:]{1,12}) • (?P<left>[0-9:-]{1,12})(?: +[0-9.]{1,16}(?:it/s|s/it))?(?P<rest>.{0,2000})"
)
_TRACKED = re.compile(
    r"\s{0,8}(?P<label>[A-Za-z][^━╸╺]{0,80}?)\s{1,8}[━╸╺][━╸╺ ]{0,300} (?P<percent>[0-9]{1,3})% (?P<left>[0-9:-]{1,12})\s{0,40}"
)


def read(line: str) -> Reading | None:
    """Return what a bar of Lightning or of `rich.progress.track` on `line` says."""
    match = _LIGHTNING.match(line) if "•" in line else None
    if match:
        return _lightning(match)
    match = _TRACKED.fullmatch(line) if "%" in line else None
    if match is None:
        return None
    label = understood(match["label"])
    if label.scope != "unsaid":
        return Reading(scope="aside")
    return Reading(
        done=min(int(match["percent"]), 100),
        total=100,
        counter=label.kind,
        eta_seconds=seconds_of(match["left"]),
    )


def _lightning(match: "re.Match[str]") -> Reading:
    label = understood(match["label"])
    return Reading(
        metrics=pairs(match["rest"]),
        scope=label.scope,
        done=whole(match["done"]),
        total=whole(match["total"]),
        counter=label.kind,
        epoch=label.epoch,
        last_epoch=label.last_epoch,
        eta_seconds=seconds_of(match["left"]),
    )
