import math

import pytest

from benchmarks.figures import Figure, line, number, percentile, summary


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (math.nan, "none"),
        (0.0, "0"),
        (0.5, "0.50"),
        (12.34, "12.3"),
        (7012.6, "7,013"),
        (1000000, "1,000,000"),
    ],
)
def test_a_number_is_printed_as_a_person_would_read_it(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("value", "kept"), [(0.49, False), (0.5, True), (math.nan, False)])
def test_a_promise_is_kept_from_its_bound_on_and_never_by_what_was_not_measured(
    value: float, kept: bool
) -> None:
    assert Figure(name="share", value=value, unit="x", at_least=0.5).kept is kept


def test_a_figure_without_a_promise_is_neither_kept_nor_missed() -> None:
    assert Figure(name="share", value=1, unit="x").kept is None


def test_a_line_shows_the_floor_and_the_ratio_to_it() -> None:
    printed = line("single", Figure(name="rate", value=3500, unit="/s", floor=7000))

    assert printed.split() == ["single", "rate", "3,500", "/s", "7,000", "0.50"]


def test_the_summary_counts_the_kept_promises_only() -> None:
    figures = [
        ("start", Figure(name="first answer", value=0.9, unit="s", at_most=1.5)),
        ("start", Figure(name="memory", value=180, unit="MB", at_most=150)),
        ("start", Figure(name="extra", value=1, unit="")),
    ]

    assert summary(figures).splitlines()[-1] == "1 of 2 promises kept"
    assert "extra" not in summary(figures)


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (99, 4), (100, 4), (1, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: int) -> None:
    assert percentile([4, 1, 3, 2], percent) == value
