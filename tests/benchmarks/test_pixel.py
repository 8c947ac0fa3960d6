from benchmarks.pixel import Shown, shown


def test_a_value_that_was_painted_took_until_its_own_paint() -> None:
    assert shown({1: 1000.0, 2: 1100.0}, [(1.0, 1030.0), (2.0, 1140.0)]) == Shown([30.0, 40.0], 0, 0)


def test_a_value_in_whose_place_a_newer_one_was_painted_took_until_that() -> None:
    assert shown({1: 1000.0, 2: 1020.0}, [(2.0, 1050.0)]) == Shown([50.0, 30.0], 1, 0)


def test_a_value_after_which_nothing_as_new_was_painted_was_never_shown() -> None:
    assert shown({1: 1000.0, 2: 1020.0}, [(1.0, 1050.0)]) == Shown([50.0], 0, 1)
