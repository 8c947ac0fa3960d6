from tests.domain.factories import after, kinds, loss, make_task
from trainwatch.domain.report import Column, Point


def _points(*names: str, value: float = 1.0) -> tuple[Point, ...]:
    return tuple(Point(name, value) for name in names)


def test_the_newest_value_of_each_series_is_kept():
    task = after(make_task(), points=(*loss(2.0, 1), Point("accuracy", 0.5, 1))).task
    task = after(task, points=loss(1.5, 2)).task
    assert task.latest == {"loss": 1.5, "accuracy": 0.5}


def test_a_report_without_points_leaves_them_alone():
    task = make_task(latest={"loss": 1.0})
    assert after(task, progress=0.5).task.latest is task.latest


def test_a_late_value_does_not_replace_a_newer_one_but_is_better_than_none():
    task = make_task(latest={"loss": 1.0}, current_step=50)
    late = after(task, current_step=40, points=(*loss(3.0, 40), Point("accuracy", 0.1, 40)))
    assert late.task.latest == {"loss": 1.0, "accuracy": 0.1}


def test_a_column_counts_with_its_last_value():
    column = Column("loss", (1, 2, 3), (3.0, 2.0, 1.0))
    assert after(make_task(), columns=(column,)).task.latest == {"loss": 1.0}


def test_there_is_room_for_six_and_the_main_ones_come_in_always():
    task = after(make_task(), points=_points(*"abcdefgh")).task
    assert list(task.latest) == list("abcdef")
    task = after(task, points=_points("loss", "accuracy", "learning_rate", "z")).task
    assert list(task.latest) == ["a", "b", "c", "loss", "accuracy", "learning_rate"]


def test_a_value_that_is_not_finite_is_news_once_until_it_is_finite_again():
    first = after(make_task(latest={"loss": 1.0}), current_step=9, points=loss(None, 9, "nan"))
    again = after(first.task, points=loss(None, 10, "nan"))
    finite = after(again.task, points=loss(1.0, 11))
    once_more = after(finite.task, points=loss(None, 12, "-inf"))
    assert [(each.kind, each.message) for each in first.happenings] == [
        ("nonfinite", "loss became NaN at step 9")
    ]
    assert first.task.latest == {"loss": "nan"}
    assert finite.task.latest == {"loss": 1.0}
    assert (kinds(again), kinds(finite), kinds(once_more)) == ([], [], ["nonfinite"])


def test_a_series_that_begins_with_a_gap_is_news_even_where_there_is_no_room():
    task = make_task(latest=dict.fromkeys("abcdef", 1.0))
    applied = after(task, points=(Point("z", None, flag="inf"),))
    assert [each.message for each in applied.happenings] == ["z became infinity"]
    assert list(applied.task.latest) == [*"abcde", "z"]


def test_a_gap_within_a_column_is_news_with_its_step():
    column = Column("loss", (1, 2, 3), (3.0, None, 1.0), {1: "nan"})
    applied = after(make_task(), columns=(column,))
    assert [each.message for each in applied.happenings] == ["loss became NaN at step 2"]
    assert applied.task.latest == {"loss": 1.0}


def test_a_column_that_ends_with_a_gap_counts_with_its_last_flag():
    column = Column("loss", (1, 2, 3), (None, 2.0, None), {0: "nan", 2: "inf"})
    assert after(make_task(), columns=(column,)).task.latest == {"loss": "inf"}


def test_a_gap_of_which_no_flag_was_kept_is_no_news_either():
    task = make_task(latest={"loss": None})
    assert kinds(after(task, points=loss(None, 9, "nan"))) == []


def test_a_gap_within_a_column_without_steps_is_news_too():
    applied = after(make_task(), columns=(Column("loss", (), (None, 1.0), {0: "nan"}),))
    assert [each.message for each in applied.happenings] == ["loss became NaN"]
