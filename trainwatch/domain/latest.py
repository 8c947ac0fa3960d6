"""The newest values of a task's main series, and the news that one of them stopped being a number."""

from collections.abc import Mapping
from itertools import chain

from trainwatch.domain.report import Column, Point, Report
from trainwatch.domain.task import Happening, Latest

MOST_LATEST = 6
"""How many series a task shows the newest value of."""

_PREFERRED = frozenset({"loss", "accuracy", "learning_rate"})
_WORDS = {"nan": "NaN", "inf": "infinity", "-inf": "minus infinity"}


def latest_after(
    latest: Mapping[str, Latest], report: Report, happenings: list[Happening], *, is_behind: bool
) -> Mapping[str, Latest]:
    """Return the newest values after `report`; add to `happenings` what became other than finite.

    A report that `is_behind` changes no value that is known. Where there are more series than room,
    the preferred ones and those that are not finite come first, then those that came first.
    """
    if not report.points and not report.columns:
        return latest
    values = dict(latest)
    for part in chain(report.points, report.columns):
        name = part.name
        if is_behind and name in values:
            continue
        flag = part.flag if isinstance(part, Point) else _first_flag(part)
        value = (flag if part.value is None else part.value) if isinstance(part, Point) else _last(part)
        if not _has_room(values, name, flag):
            continue
        if flag is not None and is_finite(values.get(name, 0.0)):
            happenings.append(
                Happening("nonfinite", f"{name} became {_WORDS.get(flag, flag)}{_where(part, report)}")
            )
        values[name] = value
    return values


def is_finite(value: Latest) -> bool:
    """Return whether it is a number that can be drawn."""
    return value is not None and not isinstance(value, str)


def _has_room(values: dict[str, Latest], name: str, flag: str | None) -> bool:
    """Return whether `name` is in `values` or may come in, having made room for it where it matters more."""
    if name in values or len(values) < MOST_LATEST:
        return True
    if flag is None and name not in _PREFERRED:
        return False
    for other, value in reversed(values.items()):
        if is_finite(value) and other not in _PREFERRED:
            del values[other]
            return True
    return False


def _first_flag(column: Column) -> str | None:
    return column.flags[min(column.flags)] if column.flags else None


def _last(column: Column) -> Latest:
    if not column.values:
        return None
    value = column.values[-1]
    return column.flags.get(len(column.values) - 1) if value is None else value


def _where(part: Point | Column, report: Report) -> str:
    if isinstance(part, Column):
        step = part.steps[min(part.flags)] if part.flags and part.steps else None
    else:
        step = report.current_step if part.step is None else part.step
    return "" if step is None else f" at step {step}"
