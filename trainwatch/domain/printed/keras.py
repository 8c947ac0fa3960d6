"""What Keras prints: "Epoch 1/10", then "160/160 ━━━ 1s 2ms/step - accuracy: 0.57 - loss: 0.68"."""

import re

from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

MARKS = ("━", "/step", "] - ", "s - ")
SIGNS = ("━", r"/(?:0{1,16}|unknown|none) (?:\[[=>.]|- [0:])")

_BAR = re.compile(
    r"\s{0,40}(?P<done>[0-9]{1,16})/(?P<total>[0-9]{1,16}|Unknown|None)"
    r"(?: (?=━)[━─╸╺ ]{1,80}| \[[=>.]{1,80}\]| (?=- [0-9:]{1,12}s))(?P<rest>.{0,4000})"
)
_PAIR = re.compile(rf" - ([A-Za-z_][\w./@ -]{{0,80}}?): ({VALUE})(?= |\Z)")
_TIMED = re.compile(r"[0-9]{1,16}m?u?s/(?:step|sample|epoch)|[0-9]{1,16}s\b|ETA:")


def read(line: str) -> Reading | None:
    """Return what a bar of Keras, new or old, or a line of `verbose=2` says."""
    bar = _BAR.match(line) if line.lstrip()[:1].isdigit() else None
    if bar is None or not _TIMED.search(bar["rest"]):
        return None
    metrics: dict[str, float] = {}
    for printed, number in _PAIR.findall(bar["rest"]):
        name, value = metric_name(printed), value_of(number)
        if name is not None and value is not None:
            metrics[name] = value
    return Reading(
        metrics=metrics, done=whole(bar["done"]), total=whole(bar["total"]), counter=f"of {bar['total']}"
    )
