"""A measured figure, the promise it is held against, and how both are printed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number; `floor` is the same thing measured on the least that could do the work.

    At most one of `at_least` and `at_most` is given: it is what we promise.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the floor this is."""
        return self.value / self.floor if self.floor else None

    @property
    def kept(self) -> bool | None:
        """Whether the promise holds; None where nothing is promised."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None


HEADING = f"{'':<10} {'':<46} {'measured':>10} {'':<9} {'floor':>10} {'ratio':>7}  promise"


def number(value: float | None) -> str:
    """Return `value` with three or more significant digits and no exponent; "" for None."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "none"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def line(benchmark: str, figure: Figure) -> str:
    """Return one aligned line about `figure`."""
    return (
        f"{benchmark:<10} {figure.name:<46} {number(figure.value):>10} {figure.unit:<9} "
        f"{number(figure.floor):>10} {number(figure.ratio):>7}  {promise(figure)}"
    ).rstrip()


def promise(figure: Figure) -> str:
    """Return what is promised of `figure` and whether it is kept, or ""."""
    if figure.kept is None:
        return ""
    verdict = "kept" if figure.kept else "MISSED"
    bound = f"≥ {number(figure.at_least)}" if figure.at_least is not None else f"≤ {number(figure.at_most)}"
    return f"{bound:<10} {verdict}"


def summary(figures: Sequence[tuple[str, Figure]]) -> str:
    """Return the promised figures as a table, and how many promises are kept."""
    promised = [(benchmark, figure) for benchmark, figure in figures if figure.kept is not None]
    kept = sum(1 for _, figure in promised if figure.kept)
    lines = [line(benchmark, figure) for benchmark, figure in promised]
    return "\n".join([HEADING, *lines, f"{kept} of {len(promised)} promises kept"])


def median(values: Sequence[float]) -> float:
    """Return the middle of `values` (the lower one of two)."""
    return percentile(values, 50)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that `percent` % of them do not exceed; NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
