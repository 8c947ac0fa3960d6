"""When changes cannot be kept: nobody waits, nothing is lost, and the order stays."""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tracking.keepers import PATIENCE_S, MemoryKeeper, until
from trainwatch.domain.tracked.change import Act, Complete, Iterate, Start
from trainwatch.errors import ConflictError, ForbiddenError, UnauthorizedError, UnavailableError
from trainwatch.tracking.ledger import Ledger

DOWN = UnavailableError("nobody is there")


@pytest.fixture
def keeper() -> MemoryKeeper:
    return MemoryKeeper()


@pytest.fixture
def ledger(keeper: MemoryKeeper) -> Iterator[Ledger]:
    """A ledger of which the task "t" has been started."""
    ledger = Ledger(keeper)
    ledger.apply(Start("t", "claude"))
    yield ledger
    keeper.failure = None
    ledger.close()


def iterations(keeper: MemoryKeeper, task_id: str = "t") -> list[int]:
    return [each.iteration for each in keeper.kept if isinstance(each, Iterate) and each.task_id == task_id]


def test_a_change_that_returned_is_kept(keeper: MemoryKeeper, ledger: Ledger):
    for number in range(5):
        ledger.apply(Iterate("t", number))
        assert iterations(keeper)[-1] == number


def test_each_change_has_its_moment_and_an_id_of_its_own(keeper: MemoryKeeper, ledger: Ledger):
    for number in range(5):
        ledger.apply(Iterate("t", number))
    assert len({change.event_id for change in keeper.kept}) == 6
    moments = [change.at for change in keeper.kept if change.at is not None]
    assert (len(moments), moments) == (6, sorted(moments))


def test_while_it_fails_methods_return_and_all_of_it_comes_later_in_order(
    keeper: MemoryKeeper, ledger: Ledger, caplog: pytest.LogCaptureFixture
):
    keeper.failure = DOWN
    with caplog.at_level(logging.WARNING):
        for number in range(1, 51):
            assert ledger.apply(Iterate("t", number)).iteration == number
    assert "progress_not_saved" in caplog.text
    assert "nobody is there" in caplog.text
    assert ledger.flush(0) == 50
    assert iterations(keeper) == []
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert iterations(keeper) == list(range(1, 51))
    ledger.apply(Iterate("t", 51))
    assert iterations(keeper)[-1] == 51


def test_it_is_tried_again_with_more_and_more_time_between(keeper: MemoryKeeper, ledger: Ledger):
    keeper.failure, keeper.tries = DOWN, 0
    ledger.apply(Iterate("t", 1))
    until(lambda: keeper.tries >= 3)
    assert ledger.flush(0) == 1


def test_an_error_that_nobody_expected_is_tried_again_too(
    keeper: MemoryKeeper, ledger: Ledger, caplog: pytest.LogCaptureFixture
):
    keeper.failure = KeyError("a mistake")
    ledger.apply(Iterate("t", 1))
    assert "KeyError: 'a mistake'" in caplog.text
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert iterations(keeper) == [1]


def test_a_keeper_that_says_nothing_holds_up_only_until_it_fails(keeper: MemoryKeeper, ledger: Ledger):
    keeper.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(ledger.apply, Iterate("t", number)) for number in range(1, 5)]
        until(lambda: ledger.flush(0) == 4)
        assert not any(each.done() for each in waiting)
        keeper.failure = DOWN
        keeper.gate.set()
        assert [each.result(PATIENCE_S).task_id for each in waiting] == ["t"] * 4
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert sorted(iterations(keeper)) == [1, 2, 3, 4]


def test_what_is_known_here_can_be_read_while_nobody_can_be_asked(keeper: MemoryKeeper, ledger: Ledger):
    keeper.is_shared = True
    keeper.failure = DOWN
    for number in range(1, 21):
        ledger.apply(Act("t", "edit", f"f{number}", success=True))
    progress = ledger.find("t")
    assert progress is not None
    assert len(progress.events) == 21
    assert [each.task_id for each in ledger.active()] == ["t"]
    assert ledger.should_stop("t") is False
    for ask in (ledger.find, ledger.should_stop):
        with pytest.raises(UnavailableError):
            ask("elsewhere")
    with pytest.raises(UnavailableError):
        ledger.apply(Iterate("elsewhere", 1))


def test_what_is_begun_and_ended_while_nobody_can_be_asked_comes_whole(keeper: MemoryKeeper, ledger: Ledger):
    keeper.failure = DOWN
    ledger.apply(Start("u", "claude"))
    ledger.apply(Iterate("u", 1))
    ledger.apply(Complete("u", success=True))
    with pytest.raises(ConflictError):
        ledger.apply(Iterate("u", 2))
    assert [each.task_id for each in ledger.active()] == ["t"]
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert [change.kind for change in keeper.kept if change.task_id == "u"] == [
        "start",
        "iteration",
        "complete",
    ]


def test_what_is_refused_is_taken_back_and_raised(keeper: MemoryKeeper, ledger: Ledger):
    keeper.found["t"] = ledger.apply(Iterate("t", 1))
    keeper.refusals["iteration"] = ConflictError("ended by somebody else")
    with pytest.raises(ConflictError, match="somebody else"):
        ledger.apply(Iterate("t", 2))
    keeper.refusals.clear()
    assert ledger.apply(Act("t", "run", "x", success=True)).iteration == 1


def test_what_is_refused_when_nobody_waits_any_more_is_logged(
    keeper: MemoryKeeper, ledger: Ledger, caplog: pytest.LogCaptureFixture
):
    keeper.found["t"] = ledger.apply(Iterate("t", 1))
    keeper.failure = DOWN
    ledger.apply(Iterate("t", 2))
    ledger.apply(Act("t", "run", "x", success=True))
    keeper.refusals["iteration"] = ConflictError("ended by somebody else")
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert "progress_refused task='t' kind=iteration reason=ended by somebody else" in caplog.text
    assert [change.kind for change in keeper.kept] == ["start", "iteration", "action"]
    progress = ledger.find("t")
    assert progress is not None
    assert progress.iteration == 1


def test_a_keeper_that_lets_nobody_in_is_told_of_at_once(keeper: MemoryKeeper, ledger: Ledger):
    keeper.failure = UnauthorizedError("that key is not known")
    for _ in range(2):
        with pytest.raises(UnauthorizedError, match="not known"):
            ledger.apply(Start("u", "claude"))
    assert ledger.flush(0) == 0


def test_what_was_taken_in_good_faith_waits_for_a_keeper_that_lets_nobody_in(
    keeper: MemoryKeeper, ledger: Ledger
):
    keeper.failure = DOWN
    ledger.apply(Iterate("t", 1))
    keeper.failure, keeper.tries = UnauthorizedError("that key is not known"), 0
    until(lambda: keeper.tries >= 2)
    assert ledger.flush(0) == 1
    keeper.failure = None
    assert ledger.flush(PATIENCE_S) == 0
    assert iterations(keeper) == [1]


def test_a_key_that_may_tell_but_not_ask_still_hears_of_stops(keeper: MemoryKeeper, ledger: Ledger):
    keeper.is_shared = True
    assert ledger.should_stop("t") is False
    keeper.stops.add("t")
    ledger.apply(Iterate("t", 1))
    keeper.failure = ForbiddenError("this key may not read")
    assert ledger.should_stop("t") is True
    progress = ledger.find("t")
    assert progress is not None
    assert progress.iteration == 1


def test_a_stop_belongs_to_its_attempt(keeper: MemoryKeeper, ledger: Ledger):
    keeper.stops.add("t")
    ledger.apply(Iterate("t", 1))
    assert ledger.should_stop("t") is True
    keeper.stops.clear()
    ledger.apply(Start("t", "claude"))
    assert ledger.should_stop("t") is False


def test_a_tight_loop_does_not_ask_for_a_stop_each_time(keeper: MemoryKeeper, ledger: Ledger):
    began = time.monotonic()
    assert not any(ledger.should_stop("t") for _ in range(1_000))
    assert keeper.asked <= 2 + int(time.monotonic() - began)


def test_a_keeper_that_could_not_be_asked_is_left_alone_for_a_while(keeper: MemoryKeeper, ledger: Ledger):
    keeper.failure = DOWN
    assert not any(ledger.should_stop("t") for _ in range(1_000))
    assert keeper.asked == 1


def test_a_keeper_that_is_slow_to_say_whether_to_stop_holds_up_no_change(
    keeper: MemoryKeeper, ledger: Ledger
):
    keeper.asking.clear()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ledger.should_stop, "t")
        until(lambda: keeper.asked)
        assert ledger.apply(Iterate("t", 1)).iteration == 1
        assert not asking.done()
        keeper.asking.set()
        assert asking.result(PATIENCE_S) is False


def test_an_end_that_is_kept_is_forgotten_here(keeper: MemoryKeeper, ledger: Ledger):
    keeper.found["t"] = ledger.apply(Complete("t", success=True))
    keeper.found["t"].summary = "as the keeper has it"
    progress = ledger.find("t")
    assert progress is not None
    assert progress.summary == "as the keeper has it"


def test_closing_tells_how_much_was_never_kept(keeper: MemoryKeeper):
    ledger = Ledger(keeper)
    ledger.apply(Start("t", "claude"))
    keeper.failure = DOWN
    for number in range(3):
        ledger.apply(Iterate("t", number))
    assert ledger.close() == 3
    with pytest.raises(UnavailableError, match="closed"):
        ledger.apply(Start("u", "claude"))


def test_tasks_from_many_threads_are_independent_and_each_in_order(keeper: MemoryKeeper, ledger: Ledger):
    """Meanwhile the keeper fails now and then."""
    over = threading.Event()

    def disturb() -> None:
        while not over.wait(0.002):
            keeper.failure = None if keeper.failure else DOWN
        keeper.failure = None

    def work(name: str) -> None:
        ledger.apply(Start(name, "claude"))
        for number in range(1, 101):
            ledger.apply(Iterate(name, number))

    disturber = threading.Thread(target=disturb)
    disturber.start()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, "abcdefghij"))
    over.set()
    disturber.join()
    assert ledger.flush(PATIENCE_S) == 0
    assert all(iterations(keeper, name) == list(range(1, 101)) for name in "abcdefghij")
