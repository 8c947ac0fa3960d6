"""Progress as reporters send it: a fraction, a percentage, or a bare 1 that may be either."""

from dataclasses import dataclass
from typing import Literal

from trainwatch.domain.number import parse_number
from trainwatch.errors import InvalidReportError

Unit = Literal["fraction", "percent", "unclear"]

_UNITS: dict[str, Unit] = {
    "fraction": "fraction",
    "ratio": "fraction",
    "percent": "percent",
    "percentage": "percent",
    "%": "percent",
}
_ONE_PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a report says that a task is.

    `value` is a fraction in [0, 1]. `unit` is how the sender wrote it: "unclear" for a bare 0 or
    1, which read as 0.0 and 1.0 here until `resolve` knows more.
    """

    value: float
    unit: Unit


def parse_progress(raw: object, unit: object = None) -> Progress:
    """Return `raw` as progress; `unit` ("fraction", "percent" or None) settles what it counts in.

    Without a unit 0.4, 40 and "40%" all mean 40 %: up to 1 is a fraction, above 1 a percentage.

    Raises:
        InvalidReportError: If it is no number, negative, above 100, or above 1 and said to be a
            fraction (field "progress"); or if the unit is unknown (with that `field`).
    """
    said = parse_unit(unit)
    if isinstance(raw, str):
        text = raw.strip()
        if text.endswith("%"):
            raw, said = text[:-1], "percent"
    number = parse_number(raw, "progress")
    if not 0 <= number <= 100 or (said == "fraction" and number > 1):
        limit = "0 to 1, as progressUnit says" if said == "fraction" else "0 to 1, or up to 100 in percent"
        raise InvalidReportError(f"progress must be from {limit}", field="progress")
    # adding 0.0 turns -0.0 into 0.0
    if said == "percent" or number > 1:
        return Progress(number / 100 + 0.0, "percent")
    return Progress(number + 0.0, "unclear" if said is None and number in (0, 1) else "fraction")


def parse_unit(raw: object, field: str = "progressUnit") -> Unit | None:
    """Return the unit that `raw` names, None for None.

    Raises:
        InvalidReportError: If no unit has that name (with that `field`).
    """
    if raw is None:
        return None
    unit = _UNITS.get(raw.strip().lower()) if isinstance(raw, str) else None
    if unit is None:
        raise InvalidReportError(f'{field} must be "fraction" or "percent"', field=field)
    return unit


def resolve(progress: Progress, *, in_percent: bool | None, share: float | None) -> float:
    """Return `progress` as a fraction in [0, 1], deciding what a bare 1 means.

    It is 1 % if the task reported percentages before (`in_percent`), or if the share of epochs or
    steps done that came with it, such as 1/100, is nearer to 0.01 than to 1. Else it is done.
    """
    if progress.unit != "unclear" or progress.value != 1:
        return progress.value
    is_small = share is not None and abs(share - _ONE_PERCENT) < abs(share - 1)
    return _ONE_PERCENT if in_percent or is_small else 1.0
