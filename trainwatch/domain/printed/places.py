"""Lines that say where a job stands and nothing else: "Epoch 3/10", "[400/1000]", "Training: 45%"."""

import re

from trainwatch.domain.printed.numbers import whole
from trainwatch.domain.printed.reading import Reading

_LONGEST = 160
_LEAST_TOTAL = 10
"""A bare "[2/5]" is a step of a build, "[2/500]" one of training."""

_STAMP = re.compile(
    r"(?:\[?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}[.,]?[0-9]{0,9}Z?\]? ?)?"
    r"(?:[|-] )?(?:[\w.]{1,60} - )?(?:\[?(?:INFO|DEBUG|info)\]?[ :|-]{1,12}(?:[\w.]{1,60}(?::[\w.]{1,40}){0,2} ?[:|-] )?)?"
)
_DECORATION = "=-*#>~_|.:!•─━ "
_COUNTED = r"[\[(]?([0-9]{1,12}) ?(?:/|of) ?([0-9]{1,12})[\])]?"
_PLACE = re.compile(
    r"(?:train(?:ing)? )?epoch ?[:#]? ?[\[(]?([0-9]{1,9})(?: ?(?:/|of) ?([0-9]{1,9}))?[\])]?"
    rf"(?:[ ,;|:-]{{1,3}}(?:step|iter|iteration|batch) ?[:#]? ?{_COUNTED})?",
    re.IGNORECASE,
)
_STEP = re.compile(
    rf"(?:(?:train(?:ing)? )?(?:global[ _])?(?:step|iter|iteration) ?[:#]? ?{_COUNTED}|[\[(] ?([0-9]{{1,12}}) ?/ ?([0-9]{{1,12}}) ?[\])])",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"(?:overall |total |training )?(?:training|train|progress) ?[:=-]? ?([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%(?: (?:complete|completed|done))?",
    re.IGNORECASE,
)


def read(line: str) -> Reading | None:
    """Return the place that all of `line` names, but for a time, a level and decoration around it."""
    if len(line) > _LONGEST:
        return None
    text = " ".join(line.split())
    stamp = _STAMP.match(text)
    bare = (text[stamp.end() :] if stamp else text).strip(_DECORATION)
    if "%" in bare:
        return _percent(bare)
    place = _PLACE.fullmatch(bare)
    if place:
        done, total = whole(place[3] or ""), whole(place[4] or "")
        return Reading(
            done=done, total=total, counter="lines", epoch=whole(place[1]), last_epoch=whole(place[2] or "")
        )
    step = _STEP.fullmatch(bare)
    if step is None:
        return None
    done, total = whole(step[1] or step[3]), whole(step[2] or step[4])
    if done is None or total is None or total < _LEAST_TOTAL or done > total:
        return None
    return Reading(done=done, total=total, counter="lines")


def _percent(bare: str) -> Reading | None:
    percent = _PERCENT.fullmatch(bare)
    fraction = float(percent[1]) / 100 if percent else 2.0
    return Reading(fraction=fraction) if fraction <= 1 else None
