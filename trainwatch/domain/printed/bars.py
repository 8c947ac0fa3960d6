"""Bars as tqdm draws them (and Lightning with it), plain or in a format of one's own."""

import re
from collections.abc import Mapping

from trainwatch.domain.printed.labels import understood
from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import VALUE, scaled, seconds_of, value_of
from trainwatch.domain.printed.reading import NOTHING, Reading

MARKS = ("%|", "/s", "s/it", "<")
SIGNS = ("<[0:?]", r"\[[0:]{4,12},")

_COUNTED = re.compile(
    r"(?P<done>[0-9]{1,16}(?:\.[0-9]{1,9})?[kKMGT]?)/(?P<total>[0-9]{1,16}(?:\.[0-9]{1,9})?[kKMGT]?|\?)(?P<unit>[ \w]{0,20})\s?"
    r"\[(?P<elapsed>[0-9:]{4,12}|[0-9]{1,6} days?, [0-9:]{4,9})<(?P<left>[0-9:?]{1,12}|[0-9]{1,6} days?, [0-9:]{4,9})"
    r"(?:,?\s{0,40}(?P<rate>[0-9.?]{1,16}[kKMGT]?\s?(?:[\w.]{0,20}/s|s/[\w.]{0,20}|[ \w]{1,20}/s)))?(?P<rest>[^\]]{0,2000})"
)
_UNCOUNTED = re.compile(
    r"(?P<done>[0-9]{1,16}(?:\.[0-9]{1,9})?[kKMGT]?)\s?(?P<unit>[A-Za-z]{1,20}) \[(?P<elapsed>[0-9:]{4,12}),"
    r"\s{0,40}(?P<rate>[0-9.?]{1,16}[kKMGT]?\s?(?:[\w.]{0,20}/s|s/[\w.]{0,20}))(?P<rest>[^\]]{0,2000})"
)
_DRAWN = re.compile(
    r"(?:\|?\s{0,40}[0-9]{1,3}(?:\.[0-9]{1,16})?%\s{0,40})?(?:\|[^|]*\|\s{0,40})?\Z|\s{0,40}[0-9]{1,3}(?:\.[0-9]{1,16})?%\s{0,40}[^%|]{0,200}\Z"
)
_PAIR = re.compile(rf"([A-Za-z_][\w./@ -]{{0,60}}?)\s?[=:]\s?['\"]?({VALUE})(%?)(?=['\",;\s)\]|]|\Z)")


def read(line: str) -> Reading | None:
    """Return what the last bar on `line` says; bars of bytes are downloads."""
    if "[" not in line:
        return None
    drawn = line.rfind("%|")
    match = _COUNTED.search(line, max(drawn, 0)) or _UNCOUNTED.search(line)
    return _bar(line, match) if match else None


def pairs(text: str) -> Mapping[str, float]:
    """Return the metrics of "loss=0.5, acc=0.9, v_num=0"; a percentage becomes a fraction."""
    metrics: dict[str, float] = {}
    for printed, number, percent in _PAIR.findall(text):
        name, value = metric_name(printed), value_of(number)
        if name is not None and value is not None:
            metrics[name] = value / 100 if percent else value
    return metrics or NOTHING


def _bar(line: str, match: "re.Match[str]") -> Reading:
    found = match.groupdict()
    label = understood(_label(line[: match.start()]))
    unit = f"{found['unit']} {found['rate'] or ''}".strip()
    if unit.endswith(("B/s", "B")) or unit.startswith(("B ", "iB")):
        return Reading(scope="aside")
    scope = "epochs" if label.scope == "unsaid" and _counts_epochs(found) else label.scope
    rest = found["rest"]
    left = found.get("left")
    return Reading(
        metrics=pairs(rest) if "=" in rest or ":" in rest else NOTHING,
        scope=scope,
        done=scaled(found["done"]),
        total=scaled(found["total"]) if "total" in found else None,
        counter=label.kind or f"of {found.get('total')}",
        epoch=label.epoch,
        last_epoch=label.last_epoch,
        eta_seconds=seconds_of(left) if left and "?" not in left else None,
    )


def _label(before: str) -> str:
    drawn = before.find("%|")
    if drawn >= 0:
        return before[:drawn].rstrip("0123456789. ")
    start = _DRAWN.search(before)
    return before[: start.start()] if start else before


def _counts_epochs(found: "dict[str, str | None]") -> bool:
    unit, rate = (found["unit"] or "").strip().lower(), (found["rate"] or "").lower()
    return unit.startswith("epoch") or rate.endswith(("epoch/s", "/epoch", "epochs/s", "/epochs"))
