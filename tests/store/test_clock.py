"""A server's clock follows the time of day, but makes no jump by itself."""

from datetime import UTC, datetime, timedelta

from trainwatch.store.clock import ServerClock

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAYS = timedelta(days=40)


class Machine:
    """The clocks of a machine that a test moves."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW, 100.0
        self.clock = ServerClock(lambda: self.wall, lambda: self.steady)

    def wait(self, seconds: float, *, drift: float = 0.0) -> None:
        """Let time pass; the time of day goes wrong by `drift` seconds of it."""
        self.steady += seconds
        self.wall += timedelta(seconds=seconds + drift)


def test_it_goes_with_the_time_of_day_and_follows_its_drift():
    machine = Machine()
    for _ in range(1000):
        machine.wait(1, drift=0.01)
        assert machine.clock() == machine.wall
    assert machine.clock.jump == timedelta()


def test_it_waits_where_the_time_of_day_goes_back_a_little():
    machine = Machine()
    machine.wait(10)
    before = machine.clock()
    machine.wait(0, drift=-0.5)
    assert machine.clock() == before
    machine.wait(2)
    assert machine.clock() == machine.wall


def test_it_goes_on_as_before_until_a_jump_is_settled():
    for jump in (DAYS, -DAYS):
        machine = Machine()
        machine.wall += jump
        machine.wait(5)
        assert machine.clock() == NOW + timedelta(seconds=5)
        assert machine.clock.jump == jump
        machine.clock.settle(jump)
        assert machine.clock() == machine.wall
        assert machine.clock.jump == timedelta()
        machine.wait(5)
        assert machine.clock() == machine.wall
        assert machine.clock.unset() == NOW + timedelta(seconds=10)


def test_a_clock_that_is_set_right_before_anybody_settled_it_has_not_jumped():
    machine = Machine()
    machine.wall += DAYS
    assert machine.clock.jump == DAYS
    machine.wall -= DAYS
    machine.wait(5)
    assert machine.clock.jump == timedelta()
    assert machine.clock() == machine.wall
